/** A gateway in front of an engine on a real Unix socket, whose bytes a test plays. */
import type { Tokens } from "../../../src/access/mod.ts";
import { AiEngineError } from "../../../src/core/mod.ts";
import {
  type CountingGateway,
  createGateway,
  type ModelRouting,
} from "../../../src/gateway/mod.ts";
import { systemNet } from "../../../src/platform/mod.ts";
import type { RequestRecords } from "../../../src/gateway/mod.ts";
import type { RequestBook } from "../../../src/observe/mod.ts";
import { UnixClient } from "../../../src/pool/mod.ts";
import type { EngineLease, LeaseOptions, WaitOptions } from "../../../src/supervisor/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { newRecords } from "../../support/request_records.ts";
import { ScriptedClient, type ScriptedClientOptions } from "./scripted_client.ts";

export const BOOT = "0badcafe";

/** The line that an answer without a `Date` gets while the bench's clock stands. */
export const DATE = "Date: Wed, 01 Jan 2025 00:00:00 GMT\r\n";

/** What an engine is told of a request that says nothing of itself, and its client of the answer. */
export const ID_LINE = "X-Request-Id: 0101010101010101\r\n";
export const TRACE_LINES = `traceparent: 00-${"01".repeat(16)}-${"01".repeat(8)}-01\r\n${ID_LINE}`;

/** One request as the engine has read it, and the connection it came on. */
export interface Seen {
  readonly conn: Deno.UnixConn;
  /** Head, and as much of the body as came with it or as was asked for. */
  readonly text: string;
}

export interface GatewayBenchOptions {
  readonly tokens?: Tokens | null;
  readonly routing?: ModelRouting | null;
}

export class GatewayBench implements AsyncDisposable {
  readonly clock = new FakeClock();
  /** For clients that are to be told of. */
  readonly records: RequestRecords;
  readonly book: RequestBook;
  readonly gateway: CountingGateway;
  readonly path: string;
  /** Leases that were given and not released. */
  held = 0;
  /** What becomes of who wants the engine; `undefined` = it is ready. */
  admit: ((options: WaitOptions) => Promise<void>) | undefined;
  /** What a break is explained by. */
  explain = (broke: AiEngineError): AiEngineError => broke;
  /** Whether the process is found to have died. */
  hasCrashed = false;
  generation = 1;
  pool: UnixClient;
  readonly wanted: string[] = [];
  /** How requests are said to have failed. */
  readonly failures: string[] = [];
  /** What those who wanted it said of their priority, and of the time after them. */
  readonly priorities: (number | undefined)[] = [];
  readonly keptAlive: number[] = [];
  readonly #directory: string;
  readonly #listener: Deno.UnixListener;
  readonly #conns: Deno.UnixConn[] = [];

  constructor({ tokens = null, routing = null }: GatewayBenchOptions = {}) {
    ({ records: this.records, book: this.book } = newRecords(this.clock));
    this.#directory = Deno.makeTempDirSync({ prefix: "gateway-" });
    this.path = `${this.#directory}/e.sock`;
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
    this.pool = new UnixClient({ path: this.path, net: systemNet, clock: this.clock });
    this.gateway = createGateway({
      supervisor: { lease: (engine, options = {}) => this.#lease(engine, options) },
      boot: BOOT,
      clock: this.clock,
      tokens,
      routing,
    });
  }

  /** Takes the next connection of the gateway. */
  async accept(): Promise<Deno.UnixConn> {
    const conn = await this.#listener.accept();
    this.#conns.push(conn);
    return conn;
  }

  /** Forwards `request`; tells what became of it: `sent` or the code of our error. */
  async forward(client: ScriptedClient): Promise<string> {
    try {
      await this.gateway.forward(client);
      return "sent";
    } catch (error) {
      if (error instanceof AiEngineError) return error.code;
      throw error;
    }
  }

  /** A GET that is forwarded and answered with `answer` on a new connection, which is kept. */
  async warmUp(): Promise<Deno.UnixConn> {
    const client = get("/upstream/e/warm");
    const forwarding = this.forward(client);
    const conn = await this.accept();
    await readRequest(conn);
    await send(conn, "HTTP/1.1 204 No Content\r\n\r\n");
    if (await forwarding !== "sent") throw new Error("the warm-up failed");
    return conn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool.close();
    this.#listener.close();
    for (const conn of this.#conns) {
      try {
        conn.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    }
    await Deno.remove(this.#directory, { recursive: true });
  }

  #lease(engine: string, options: LeaseOptions): EngineLease | Promise<EngineLease> {
    if (options.record !== undefined) options.record.engine = engine;
    this.wanted.push(engine);
    this.priorities.push(options.priority);
    if (this.admit === undefined) return this.#newLease();
    return this.admit(options).then(() => this.#newLease());
  }

  #newLease(): EngineLease {
    this.held++;
    let isHeld = true;
    return {
      pool: this.pool,
      generation: this.generation,
      release: () => {
        if (isHeld) this.held--;
        isHeld = false;
      },
      explainBreak: (broke) => Promise.resolve(this.explain(broke)),
      failed: (kind) => this.failures.push(kind),
      keepAlive: (ms) => this.keptAlive.push(ms),
      hasCrashed: () => Promise.resolve(this.hasCrashed),
    };
  }
}

export function get(target: string, fields = "", options?: ScriptedClientOptions): ScriptedClient {
  return new ScriptedClient(`GET ${target} HTTP/1.1\r\nHost: there\r\n${fields}\r\n`, options);
}

export function post(body: string, fields = "", options?: ScriptedClientOptions): ScriptedClient {
  const length = `Content-Length: ${body.length}\r\n`;
  return new ScriptedClient(
    `POST /upstream/e/in HTTP/1.1\r\nHost: there\r\n${fields}${length}\r\n${body}`,
    options,
  );
}

/** Reads until the text holds `end`, the blank line by default. */
export async function readRequest(conn: Deno.Conn, end = "\r\n\r\n"): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (!text.includes(end)) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error(`the gateway left after ${JSON.stringify(text)}`);
    text += latin1(buffer.subarray(0, count));
  }
  return text;
}

export async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Resolves with what still came when the gateway has closed the connection. */
export async function untilClosed(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      text += latin1(buffer.subarray(0, count));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}

export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A whole answer with `body`. */
export function ok(body: string, fields = ""): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
}
