/** An engine as a real process on a real socket in a directory of its own. */
import { join } from "@std/path";
import { type EngineUnderTest, exists } from "./engines.ts";
import { byteLength, type RawAnswer, RawConnection, requestHead } from "./raw_http.ts";

/** How long anything may take before the test fails. */
const PATIENCE_MS = 20_000;

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** @default a socket in a new directory */
  readonly socket?: string;
  /** `null`: not a pipe but /dev/null. @default "piped" */
  readonly stdin?: "piped" | "null";
}

export class EngineProcess implements AsyncDisposable {
  readonly socket: string;
  /** Where functions can be called directly. */
  readonly frames: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array> | null;
  readonly #ended: Promise<Ended>;

  private constructor(engine: EngineUnderTest, socket: string, stdin: "piped" | "null") {
    const [program, ...args] = engine.command;
    this.socket = socket;
    this.frames = `${socket}.frames`;
    this.#child = new Deno.Command(program, {
      args,
      env: { AI_ENGINE_SOCKET: socket, AI_ENGINE_FRAMES: this.frames, NO_COLOR: "1" },
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = stdin === "piped" ? this.#child.stdin.getWriter() : null;
    this.#ended = this.#watch();
  }

  /** Spawns and does not wait. */
  static async spawn(engine: EngineUnderTest, options: StartOptions = {}): Promise<EngineProcess> {
    const socket = options.socket ?? join(await Deno.makeTempDir(), "engine.sock");
    return new EngineProcess(engine, socket, options.stdin ?? "piped");
  }

  /** Spawns and waits until the socket accepts. */
  static async start(engine: EngineUnderTest, options: StartOptions = {}): Promise<EngineProcess> {
    const started = await EngineProcess.spawn(engine, options);
    try {
      await started.#accepting();
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** One request on a connection of its own. */
  async ask(method: string, path: string, body: string | Uint8Array = ""): Promise<RawAnswer> {
    using connection = await RawConnection.open(this.socket);
    return await within(connection.ask(method, path, body), `an answer to ${method} ${path}`);
  }

  /**
   * Sends the head of an input and the first byte of its body, and waits until the engine has begun
   * to read it: it has answered what came later. The rest of the body is the caller's.
   */
  async beginInput(body: string): Promise<RawConnection> {
    const connection = await RawConnection.open(this.socket);
    await connection.write(requestHead("POST", "/input", byteLength(body)) + body.slice(0, 1));
    await this.ask("GET", "/health");
    return connection;
  }

  signal(osSignal: Deno.Signal): void {
    this.#child.kill(osSignal);
  }

  async closeStdin(): Promise<void> {
    await this.#stdin?.close();
  }

  /** Resolves when the process is gone and its output read. */
  ended(): Promise<Ended> {
    return within(this.#ended, "the end of the engine");
  }

  /** Resolves when no request is answered any more but those in flight. */
  refusesNewRequests(): Promise<void> {
    return until("the engine to take no new request", async () => {
      if (!exists(this.socket)) return true;
      try {
        return (await this.ask("GET", "/health")).status === 503;
      } catch {
        return true; // not even an answer
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
    await this.#ended;
    await this.#stdin?.abort().catch(() => {}); // closed before
    await Deno.remove(join(this.socket, ".."), { recursive: true });
  }

  async #watch(): Promise<Ended> {
    const [status, stdout, stderr] = await Promise.all([
      this.#child.status,
      new Response(this.#child.stdout).text(),
      new Response(this.#child.stderr).text(),
    ]);
    return { code: status.code, stdout, stderr };
  }

  #accepting(): Promise<void> {
    let gone: Ended | null = null;
    this.#ended.then((ended) => gone = ended, () => {});
    return until("the engine's socket to accept", async () => {
      if (gone !== null) throw new Error(`the engine has ended: ${JSON.stringify(gone)}`);
      try {
        (await RawConnection.open(this.socket))[Symbol.dispose]();
        return true;
      } catch {
        return false;
      }
    });
  }
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await isTrue()) {
    if (performance.now() > deadline) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** `promise`, or an error that says what was waited for. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited too long for ${what}`)), PATIENCE_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
