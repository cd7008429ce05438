/** A front on a real TCP socket, and clients that send bytes as they stand. */
import { Front, type FrontOptions } from "../../../src/front/mod.ts";
import { openTcpListener, SystemClock } from "../../../src/platform/mod.ts";
import { frontOptions, type FrontWorldOptions } from "./front_world.ts";

export class TcpFront implements AsyncDisposable {
  readonly clock = new SystemClock();
  readonly faults: unknown[] = [];
  readonly front: Front;
  readonly port: number;

  constructor({ forward, ...options }: FrontWorldOptions = {}) {
    const all: FrontOptions = {
      ...frontOptions(this.faults, forward, this.clock),
      clock: this.clock,
      ...options,
    };
    this.front = new Front(all);
    const listener = openTcpListener({ hostname: "127.0.0.1", port: 0 });
    const { address } = listener;
    if (address.kind !== "tcp") throw new TypeError("not a TCP listener");
    this.port = address.port;
    this.front.listen(listener, address);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  connect(): Promise<Deno.TcpConn> {
    return Deno.connect({ hostname: "127.0.0.1", port: this.port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.front.drain(1_000);
    this.clock.close();
  }
}

/** Writes all of `text`. */
export async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Reads until what came ends as `pattern` says. */
export async function readUntil(conn: Deno.Conn, pattern: RegExp): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (!pattern.test(text)) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error(`the front ended after ${JSON.stringify(text)}`);
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

/** Everything up to the end of the connection, which is closed then. */
export async function readAll(conn: Deno.Conn): Promise<string> {
  return await new Response(conn.readable).text();
}
