/** A peer on a real Unix socket that a test plays by hand. */
import { UnixClient } from "../../../src/pool/mod.ts";
import { systemNet } from "../../../src/platform/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";

export class SocketPeer implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly path: string;
  readonly client: UnixClient;
  readonly #directory: string;
  readonly #listener: Deno.UnixListener;

  constructor() {
    this.#directory = Deno.makeTempDirSync({ prefix: "pool-" });
    this.path = `${this.#directory}/e.sock`;
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
    this.client = new UnixClient({ path: this.path, net: systemNet, clock: this.clock });
  }

  accept(): Promise<Deno.UnixConn> {
    return this.#listener.accept();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    this.#listener.close();
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** Reads up to the blank line of a request without a body. */
export async function readHead(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4_096);
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error(`the client left after ${JSON.stringify(head)}`);
    head += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return head;
}

/** Writes all of `text`, `pieceBytes` at a time. */
export async function send(conn: Deno.Conn, text: string, pieceBytes = Infinity): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at, at + Math.min(pieceBytes, bytes.length)));
  }
}

/** Resolves when the client has closed the connection, whether or not it left bytes unread. */
export async function sawClose(conn: Deno.Conn): Promise<true> {
  const buffer = new Uint8Array(65_536);
  try {
    while (await conn.read(buffer) !== null);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  conn.close();
  return true;
}
