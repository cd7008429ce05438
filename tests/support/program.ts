/**
 * The whole program as a process: from source, or the executable that AI_ENGINE_E2E_EXECUTABLE
 * names. Each has a runtime directory of its own and a free port.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** The longest a start or an end of the program may take before a test gives up on it. */
const LIMIT_MS = 30_000;

/** Program and first arguments. */
export function programCommand(): readonly [string, ...string[]] {
  const executable = Deno.env.get("AI_ENGINE_E2E_EXECUTABLE");
  return executable ? [executable] : [Deno.execPath(), "run", "--quiet", "-A", MAIN];
}

export interface ProgramOptions {
  /** Each a `--listen`; none leaves it to the environment. @default one, a free port of 127.0.0.1 */
  readonly listen?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** @default a new one */
  readonly runtimeDir?: string;
  /** Command and arguments that start the program in their turn, e.g. `unshare`. */
  readonly prefix?: readonly string[];
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end. */
export async function runProgram(
  args: readonly string[],
  options: Omit<ProgramOptions, "args"> & { readonly stdin?: string } = {},
): Promise<Finished> {
  const child = spawn(args, { ...options, stdin: "piped" });
  const writer = child.stdin.getWriter();
  // A program that reads no input may be gone before it is written.
  const written = writer.write(new TextEncoder().encode(options.stdin ?? ""))
    .then(() => writer.close()).catch(() => {});
  const output = child.output();
  try {
    await within(output, () => `${args.join(" ")} did not end`);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    await Promise.all([output, written]);
  }
  const { code, stdout, stderr } = await output;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A supervisor that is running; `await using` ends it and removes what it had. */
export class RunningProgram implements AsyncDisposable {
  readonly runtimeDir: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Collected;
  readonly #stderr: Collected;
  #status: Deno.CommandStatus | undefined;

  private constructor(runtimeDir: string, child: Deno.ChildProcess) {
    this.runtimeDir = runtimeDir;
    this.#child = child;
    this.#stdout = new Collected(child.stdout);
    this.#stderr = new Collected(child.stderr);
  }

  /** Starts `serve` and waits until it has said where it is. */
  static async start(options: ProgramOptions = {}): Promise<RunningProgram> {
    const runtimeDir = options.runtimeDir ?? await Deno.makeTempDir({ prefix: "aie-" });
    const { listen = ["127.0.0.1:0"] } = options;
    const flags = listen.flatMap((address) => ["--listen", address]);
    const args = ["serve", ...flags, ...options.args ?? []];
    const program = new RunningProgram(
      runtimeDir,
      spawn(args, { ...options, runtimeDir, stdin: "null" }),
    );
    try {
      await program.printed(/stop +Ctrl-C/);
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
    return program;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** e.g. `http://127.0.0.1:40123`; the first of them. */
  get url(): string {
    return this.urls[0] ?? "";
  }

  /** Where the program says that it can be opened. */
  get urls(): readonly string[] {
    return Array.from(this.#stdout.text.matchAll(/^ +open +(\S+)$/gm), ([, url = ""]) => url);
  }

  get stdout(): string {
    return this.#stdout.text;
  }

  get control(): string {
    return join(this.runtimeDir, "ai-engine", "control.sock");
  }

  get stderr(): string {
    return this.#stderr.text;
  }

  /** Whether {@linkcode ended} has seen its end. */
  get hasEnded(): boolean {
    return this.#status !== undefined;
  }

  /** Waits until `pattern` was printed on stdout, or on stderr. */
  async printed(pattern: RegExp): Promise<void> {
    const why = () =>
      `${pattern} was not printed; stdout:\n${this.#stdout.text}\nstderr:\n${this.stderr}`;
    const ended = this.#child.status.then(async () => {
      await this.ended();
      if (!pattern.test(this.#stdout.text) && !pattern.test(this.stderr)) throw new Error(why());
    });
    await within(Promise.race([this.#stdout.has(pattern), this.#stderr.has(pattern), ended]), why);
  }

  /** A request to the program; the answer's body must be read. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url + path, init);
  }

  /** A request of JSON; gives status and parsed answer. With a `body` it is a POST. */
  async json(
    path: string,
    init: Omit<RequestInit, "body"> & { readonly body?: unknown } = {},
  ): Promise<JsonAnswer> {
    const { body, ...rest } = init;
    const response = await this.fetch(path, {
      ...rest,
      headers: { "content-type": "application/json", ...rest.headers },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    const text = await response.text();
    return { status, headers, body: text === "" ? null : JSON.parse(text) };
  }

  /** A command of the command line against this program. */
  run(args: readonly string[], options: { readonly stdin?: string } = {}): Promise<Finished> {
    return runProgram(args, { ...options, runtimeDir: this.runtimeDir });
  }

  signal(osSignal: Deno.Signal): void {
    this.#child.kill(osSignal);
  }

  /** Waits for the program's end. */
  async ended(): Promise<Deno.CommandStatus> {
    this.#status ??= await within(this.#child.status, () => `It did not end; ${this.stderr}`);
    await Promise.all([this.#stdout.end, this.#stderr.end]);
    return this.#status;
  }

  /** Live processes that this program has started, directly or not; itself not counted. */
  async processes(): Promise<number[]> {
    const all = await processesWith(`XDG_RUNTIME_DIR=${this.runtimeDir}`);
    return all.filter((pid) => pid !== this.pid);
  }

  /** Those of {@linkcode processes} that belong to an engine. */
  async engineProcesses(): Promise<number[]> {
    return await processesWith(`XDG_RUNTIME_DIR=${this.runtimeDir}`, "AI_ENGINE_RUN=");
  }

  /** After a test that failed, too, nothing is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#status === undefined) {
        this.#end("SIGTERM");
        await this.ended();
      }
    } finally {
      if (this.#status === undefined) this.#end("SIGKILL");
      for (const pid of await this.processes()) killIfThere(pid);
      await this.ended();
      // A second program in the same directory may have removed it.
      await Deno.remove(this.runtimeDir, { recursive: true }).catch(() => {});
    }
  }

  #end(osSignal: Deno.Signal): void {
    try {
      this.#child.kill(osSignal);
    } catch {
      // It has ended already.
    }
  }
}

/** An answer with its body parsed; `null` for an empty one. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** Live processes whose environment has all of `variables`, each written as `NAME=VALUE` or `NAME=`. */
export async function processesWith(...variables: readonly string[]): Promise<number[]> {
  const found: number[] = [];
  for await (const entry of Deno.readDir("/proc")) {
    const pid = Number(entry.name);
    if (!Number.isInteger(pid) || pid === Deno.pid) continue;
    // A process may be gone by now, and a zombie has no environment.
    const environ = await Deno.readTextFile(`/proc/${pid}/environ`).catch(() => "");
    const has = (variable: string) =>
      `\0${environ}`.includes(`\0${variable}${variable.endsWith("=") ? "" : "\0"}`);
    if (variables.every(has)) found.push(pid);
  }
  return found;
}

function killIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function spawn(
  args: readonly string[],
  { env = {}, runtimeDir, prefix = [], stdin }: Omit<ProgramOptions, "args"> & {
    readonly stdin: "piped" | "null";
  },
): Deno.ChildProcess {
  const [program, ...rest] = [...prefix, ...programCommand(), ...args];
  // Settings of whoever runs the tests are not the tests' settings.
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !name.startsWith("AI_ENGINE_"));
  return new Deno.Command(program ?? "", {
    args: rest,
    clearEnv: true,
    env: {
      ...Object.fromEntries(inherited),
      ...(runtimeDir === undefined ? {} : {
        XDG_RUNTIME_DIR: runtimeDir,
        XDG_STATE_HOME: join(runtimeDir, "state"),
        XDG_CONFIG_HOME: join(runtimeDir, "config"),
        XDG_DATA_HOME: join(runtimeDir, "data"),
      }),
      ...env,
    },
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** `promise`, but no longer than a test waits for anything. */
export async function within<T>(promise: Promise<T>, why: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(why())), LIMIT_MS);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks again and again until `check` holds. */
export async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!await check()) {
    if (performance.now() > deadline) throw new Error(`It never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** All that a stream has brought so far. */
class Collected {
  text = "";
  readonly end: Promise<void>;
  #waiting: (() => void)[] = [];

  constructor(stream: ReadableStream<Uint8Array>) {
    this.end = this.#read(stream);
  }

  /** Resolves when `pattern` is there; never when the stream ends without it. */
  has(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = () => pattern.test(this.text) ? resolve() : void this.#waiting.push(look);
      look();
    });
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const look of waiting) look();
    }
  }
}
