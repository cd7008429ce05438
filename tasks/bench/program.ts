/** A program under measurement: starts, says where it listens, is asked, ends. */
import { type Address, askOk, type RawRequest } from "./raw_http.ts";
import type { OwnedProcess } from "./owned_process.ts";
import type { Directory, Yard } from "./yard.ts";

/** What `GET /api/engines/NAME` says, as far as it is used here. */
export interface EngineFacts {
  readonly state: string;
  readonly pid: number | null;
  readonly socket: string;
}

/** A server that prints `http://127.0.0.1:PORT` once it listens. */
export class Program implements AsyncDisposable {
  readonly process: OwnedProcess;
  readonly address: Address;
  readonly url: string;
  /** From the start of the process until a connection was accepted. */
  readonly listeningAfterMs: number;
  readonly #directory: Directory;

  private constructor(
    process: OwnedProcess,
    facts: { url: string; address: Address; listeningAfterMs: number; directory: Directory },
  ) {
    this.process = process;
    this.url = facts.url;
    this.address = facts.address;
    this.listeningAfterMs = facts.listeningAfterMs;
    this.#directory = facts.directory;
  }

  /** Starts `argv` with a runtime directory of its own and waits until it listens. */
  static async start(yard: Yard, argv: readonly string[]): Promise<Program> {
    const directory = await yard.directory();
    const process = yard.spawn(argv, {
      env: { XDG_RUNTIME_DIR: directory.path, XDG_STATE_HOME: directory.path },
    });
    const [url, port] = await process.printed(/http:\/\/127\.0\.0\.1:(\d+)/);
    const address = { transport: "tcp", hostname: "127.0.0.1", port: Number(port) } as const;
    (await Deno.connect(address)).close();
    const listeningAfterMs = performance.now() - process.startedAt;
    return new Program(process, { url, address, listeningAfterMs, directory });
  }

  /** `start`, `stop` or `restart`; resolves when it is done. */
  async change(engine: string, what: "start" | "stop" | "restart"): Promise<void> {
    await askOk(this.address, { method: "POST", target: `/api/engines/${engine}/${what}` });
  }

  async facts(engine: string): Promise<EngineFacts> {
    const { body } = await askOk(this.address, statusOf(engine));
    return JSON.parse(body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await this.#directory[Symbol.asyncDispose]();
  }
}

/** What the control API says of an engine. */
export function statusOf(engine: string): RawRequest {
  return { method: "GET", target: `/api/engines/${engine}` };
}

/** `request` to the engine, by way of the control API. */
export function through(engine: string, request: RawRequest): RawRequest {
  return { ...request, target: `/api/engines/${engine}${request.target}` };
}
