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
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** @default a new one */
  readonly runtimeDir?: string;
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
  if (options.stdin !== undefined) await writer.write(new TextEncoder().encode(options.stdin));
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
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

  /** Starts `serve` on a free port and waits until it has said where. */
  static async start(options: ProgramOptions = {}): Promise<RunningProgram> {
    const runtimeDir = options.runtimeDir ?? await Deno.makeTempDir({ prefix: "aie-" });
    const args = ["serve", "--listen", "127.0.0.1:0", ...options.args ?? []];
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

  /** e.g. `http://127.0.0.1:40123` */
  get url(): string {
    return /open +(\S+)/.exec(this.#stdout.text)?.[1] ?? "";
  }

  get control(): string {
    return join(this.runtimeDir, "ai-engine", "control.sock");
  }

  get stderr(): string {
    return this.#stderr.text;
  }

  /** Waits until `pattern` was printed on stdout, or on stderr. */
  async printed(pattern: RegExp): Promise<void> {
    await until(
      Promise.race([this.#stdout.has(pattern), this.#stderr.has(pattern)]),
      () => `${pattern} was not printed; stdout:\n${this.#stdout.text}\nstderr:\n${this.stderr}`,
    );
  }

  /** A request to the program; the answer's body must be read. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url + path, init);
  }

  /** A request of JSON; gives status and parsed answer. */
  async json(
    path: string,
    init: Omit<RequestInit, "body"> & { readonly body?: unknown } = {},
    // deno-lint-ignore no-explicit-any
  ): Promise<{ readonly status: number; readonly body: any }> {
    const { body, ...rest } = init;
    const response = await this.fetch(path, {
      ...rest,
      headers: { "content-type": "application/json", ...rest.headers },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
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
    this.#status ??= await until(this.#child.status, () => `It did not end; ${this.stderr}`);
    await Promise.all([this.#stdout.end, this.#stderr.end]);
    return this.#status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#status === undefined) {
      try {
        this.#child.kill("SIGTERM");
      } catch {
        // It has ended already.
      }
      await this.ended();
    }
    await Deno.remove(this.runtimeDir, { recursive: true }).catch(() => {});
  }
}

/** Processes that carry a run id of the supervisor's boot or whose command line has `mark`. */
export async function processesWith(mark: string): Promise<number[]> {
  const found: number[] = [];
  for await (const entry of Deno.readDir("/proc")) {
    const pid = Number(entry.name);
    if (!Number.isInteger(pid) || pid === Deno.pid) continue;
    const read = (name: string) => Deno.readTextFile(`/proc/${pid}/${name}`).catch(() => "");
    if ((await read("environ")).includes(mark)) found.push(pid);
  }
  return found;
}

function spawn(
  args: readonly string[],
  { env = {}, runtimeDir, stdin }: Omit<ProgramOptions, "args"> & { stdin: "piped" | "null" },
): Deno.ChildProcess {
  const [program, ...first] = programCommand();
  return new Deno.Command(program, {
    args: [...first, ...args],
    env: { ...env, ...(runtimeDir === undefined ? {} : { XDG_RUNTIME_DIR: runtimeDir }) },
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function until<T>(promise: Promise<T>, why: () => string): Promise<T> {
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
