/**
 * Front and gateway as the program joins them, between clients on real TCP sockets and an engine on a
 * real Unix socket; a test plays both ends byte for byte.
 */
import { AiEngineError, ERROR_TABLE, type Net } from "../../../src/core/mod.ts";
import { Front, type FrontLimits } from "../../../src/front/mod.ts";
import { createGateway } from "../../../src/gateway/mod.ts";
import { openTcpListener, SystemClock, systemNet } from "../../../src/platform/mod.ts";
import { UnixClient } from "../../../src/pool/mod.ts";
import type { EngineLease, WaitOptions } from "../../../src/supervisor/mod.ts";
import { newRecords } from "../../support/request_records.ts";
import { latin1 } from "./bench.ts";

/** What the engine does with a connection; it is closed when this is over. */
export type Play = (conn: Deno.UnixConn) => Promise<void>;

export interface HouseOptions {
  /** @default answers every head with a `hello` */
  readonly play?: Play;
  readonly limits?: Partial<FrontLimits>;
  /**
   * `deaf`: it listens and accepts nothing before {@linkcode House.wake}; `none`: the path is free
   * for a server of the test. @default "awake"
   */
  readonly engine?: "awake" | "deaf" | "none";
}

export class House implements AsyncDisposable {
  readonly clock = new SystemClock();
  readonly records = newRecords(this.clock);
  readonly faults: unknown[] = [];
  readonly front: Front;
  readonly port: number;
  readonly path: string;
  /** Leases that were given and not released. */
  held = 0;
  /** Connections to the engine so far, and those that are open. */
  dials = 0;
  open = 0;
  /** What becomes of who wants the engine; `undefined` = it is ready. */
  admit: ((options: WaitOptions) => Promise<void>) | undefined;
  play: Play;
  readonly pool: UnixClient;
  readonly #directory: string;
  readonly #listener: Deno.UnixListener | undefined;
  #engine: Promise<void> | undefined;
  readonly #conns = new Set<Deno.Conn>();
  /** A test that waits for ever ends with closed connections, and says where. */
  readonly #watchdog = setTimeout(() => this.#hangUp(), 30_000);

  constructor(
    { play = answering(ok("hello")), limits = {}, engine = "awake" }: HouseOptions = {},
  ) {
    this.play = play;
    this.#directory = Deno.makeTempDirSync({ prefix: "house-" });
    this.path = `${this.#directory}/e.sock`;
    if (engine !== "none") this.#listener = Deno.listen({ transport: "unix", path: this.path });
    this.pool = new UnixClient({
      path: this.path,
      net: engine === "none" ? this.#countedNet() : systemNet,
      clock: this.clock,
    });
    const gateway = createGateway({
      supervisor: { lease: (_, options = {}) => this.#lease(options) },
      boot: "0badcafe",
      clock: this.clock,
    });
    this.front = new Front({
      clock: this.clock,
      gateway,
      records: this.records.records,
      limits,
      ours: () => Promise.resolve(new Response("ours")),
      renderError: (error, { status }) =>
        new Response(`${error.code} ${ERROR_TABLE[error.code].status}`, { status }),
      onFault: (error) => this.faults.push(error),
    });
    const listener = openTcpListener({ hostname: "127.0.0.1", port: 0 });
    const { address } = listener;
    if (address.kind !== "tcp") throw new TypeError("not a TCP listener");
    this.port = address.port;
    this.front.listen(listener, address);
    if (engine === "awake") this.wake();
  }

  /** The engine accepts connections from here on. */
  wake(): void {
    if (this.#listener !== undefined) this.#engine = this.#serve(this.#listener);
  }

  /** A client that connects and sends `what`. */
  async connect(what: string | Uint8Array = ""): Promise<Deno.TcpConn> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    this.#conns.add(conn);
    await send(conn, what);
    return conn;
  }

  /** What a client that asks once is sent until its connection ends. */
  async ask(text: string): Promise<string> {
    const conn = await this.connect(text);
    const answer = await drain(conn);
    conn.close();
    return answer;
  }

  /** Waits until `is` holds, at most `ms`. */
  async until(is: () => boolean, what: string, ms = 5_000): Promise<void> {
    const by = performance.now() + ms;
    while (!is()) {
      if (performance.now() > by) throw new Error(`not within ${ms} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#watchdog);
    this.#hangUp();
    await this.front.drain(1_000);
    this.pool.close();
    this.#listener?.close();
    await this.#engine;
    this.clock.close();
    await Deno.remove(this.#directory, { recursive: true });
  }

  /** Counts connections to an engine that this house does not see accept them. */
  #countedNet(): Net {
    return {
      connectUnix: (path) => {
        this.dials++;
        return systemNet.connectUnix(path);
      },
    };
  }

  #hangUp(): void {
    for (const conn of this.#conns) close(conn);
  }

  async #serve(listener: Deno.UnixListener): Promise<void> {
    const playing = new Set<Promise<void>>();
    const conns = new Set<Deno.Conn>();
    try {
      for await (const conn of listener) {
        this.dials++;
        this.open++;
        conns.add(conn);
        const one = this.play(conn).catch(unlessClosed).finally(() => {
          this.open--;
          conns.delete(conn);
          close(conn);
          playing.delete(one);
        });
        playing.add(one);
      }
    } finally {
      for (const conn of conns) close(conn);
      await Promise.all(playing);
    }
  }

  #lease(options: WaitOptions): EngineLease | Promise<EngineLease> {
    if (this.admit === undefined) return this.#newLease();
    return this.admit(options).then(() => this.#newLease());
  }

  #newLease(): EngineLease {
    this.held++;
    let isHeld = true;
    return {
      pool: this.pool,
      generation: 1,
      release: () => {
        if (isHeld) this.held--;
        isHeld = false;
      },
      explainBreak: (broke: AiEngineError) => Promise.resolve(broke),
      failed: () => {},
      keepAlive: () => {},
      hasCrashed: () => Promise.resolve(false),
    };
  }
}

/** Reads one head after the other, answers each with `answer`. */
export function answering(answer: string): Play {
  return async (conn) => {
    for (;;) {
      if (await readTo(conn, "\r\n\r\n") === null) return;
      await send(conn, answer);
    }
  };
}

/** Reads until what came ends with `end`; `null` = the connection ended before a byte came. */
export async function readTo(conn: Deno.Conn, end: string): Promise<string | null> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (!text.endsWith(end)) {
    const count = await conn.read(buffer);
    if (count === null) {
      if (text === "") return null;
      throw new Error(`the end came after ${JSON.stringify(text.slice(-200))}`);
    }
    text += latin1(buffer.subarray(0, count));
  }
  return text;
}

export async function send(conn: Deno.Conn, what: string | Uint8Array): Promise<void> {
  const bytes = typeof what === "string" ? toBytes(what) : what;
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** One byte a character. */
export function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** All that comes until the connection ends; a reset adds `<reset>`. */
export async function drain(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      text += latin1(buffer.subarray(0, count));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    text += "<reset>";
  }
  return text;
}

export function get(target: string, ...fields: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, "Host: localhost", ...fields, "", ""].join("\r\n");
}

/** The head of a POST that announces `bytes` of body. */
export function postHead(target: string, bytes: number, ...fields: readonly string[]): string {
  const length = `Content-Length: ${bytes}`;
  return [`POST ${target} HTTP/1.1`, "Host: localhost", length, ...fields, "", ""].join("\r\n");
}

/** How many descriptors this process has open. */
export function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** A whole answer with `body`. */
export function ok(body: string, fields = ""): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** An engine whose client left, or that was ended with its house, has failed in nothing. */
function unlessClosed(error: unknown): void {
  const { BadResource, BrokenPipe, ConnectionReset, Interrupted } = Deno.errors;
  const is = [BadResource, BrokenPipe, ConnectionReset, Interrupted];
  if (!is.some((known) => error instanceof known)) throw error;
}
