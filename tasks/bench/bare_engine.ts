/** An engine without a supervisor: the same command, started and asked by hand. */
import { join } from "@std/path";
import type { OwnedProcess } from "./owned_process.ts";
import { ask, askOk, type RawRequest } from "./raw_http.ts";
import type { EngineChoice } from "./rig.ts";
import type { Directory, Yard } from "./yard.ts";

/** Between two looks for the socket. */
const STEP_MS = 0.2;
const START_LIMIT_MS = 30_000;

const HEALTH: RawRequest = { method: "GET", target: "/health" };
const STOP: RawRequest = { method: "POST", target: "/stop", body: {} };

export class BareEngine implements AsyncDisposable {
  /** From the start of the process to the 200 of `GET /health`. */
  readonly readyAfterMs: number;
  readonly socket: string;
  /** Where its functions can be called directly, if it wants that. */
  readonly frames: string;
  readonly #process: OwnedProcess;
  readonly #directory: Directory;

  private constructor(
    process: OwnedProcess,
    facts: { readyAfterMs: number; socket: string; directory: Directory },
  ) {
    this.#process = process;
    this.readyAfterMs = facts.readyAfterMs;
    this.socket = facts.socket;
    this.frames = framesOf(facts.socket);
    this.#directory = facts.directory;
  }

  static async start(yard: Yard, engine: EngineChoice): Promise<BareEngine> {
    const directory = await yard.directory();
    const socket = join(directory.path, "engine.sock");
    const env = {
      ...engine.environment,
      AI_ENGINE_SOCKET: socket,
      AI_ENGINE_FRAMES: framesOf(socket),
      AI_ENGINE_RUN: "bench",
    };
    const process = yard.spawn(engine.command, { env });
    await untilReady(socket);
    const readyAfterMs = performance.now() - process.startedAt;
    return new BareEngine(process, { readyAfterMs, socket, directory });
  }

  /** Asks it to stop; resolves when it is gone and reaped. */
  async stop(): Promise<void> {
    await askOk({ transport: "unix", path: this.socket }, STOP);
    await this.#process.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.#directory[Symbol.asyncDispose]();
  }
}

/**
 * Looks for the socket, then asks. Blocks this thread between two looks: a timer is too coarse, and
 * looking all the time would take a core away from the engine.
 */
async function untilReady(path: string): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (performance.now() < deadline) {
    if (isThere(path) && await isHealthy(path)) return;
    Atomics.wait(cell, 0, 0, STEP_MS);
  }
  throw new Error(`nothing answered on ${path}`);
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

async function isHealthy(path: string): Promise<boolean> {
  try {
    return (await ask({ transport: "unix", path }, HEALTH)).status === 200;
  } catch {
    return false;
  }
}

/** As the supervisor has it. */
function framesOf(socket: string): string {
  return `${socket}.frames`;
}
