/** HTTP as bare as it gets: a write, then reads until the answer is whole. Trusts its peer. */

export type Address =
  | { readonly transport: "unix"; readonly path: string }
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number };

export interface RawRequest {
  readonly method: "GET" | "POST";
  readonly target: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** Whether the connection is used again. */
export type Keeping = "kept" | "fresh";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const BUFFER_BYTES = 64 * 1024;

/** The input that every row sends. */
export const INPUT: RawRequest = { method: "POST", target: "/input", body: { input: "hello" } };
export const STATUS: RawRequest = { method: "GET", target: "/status" };

/** The bytes of a request. */
export function encodeRaw({ method, target, body }: RawRequest, keeping: Keeping): Uint8Array {
  const text = body === undefined ? "" : JSON.stringify(body);
  const fields = ["Host: localhost"];
  if (method === "POST") {
    fields.push("Content-Type: application/json");
    fields.push(`Content-Length: ${encoder.encode(text).length}`);
  }
  if (keeping === "fresh") fields.push("Connection: close");
  return encoder.encode(`${method} ${target} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n${text}`);
}

/** One connection and its buffer. */
export class RawConnection implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  static async open(address: Address): Promise<RawConnection> {
    return new RawConnection(await connect(address));
  }

  /** Writes, then reads until the answer is whole; the bytes are good until the next exchange. */
  async exchange(request: Uint8Array): Promise<Uint8Array> {
    await this.#write(request);
    for (let length = 0;;) {
      length += await this.#read(length);
      const answer = this.#buffer.subarray(0, length);
      if (isWhole(answer)) return answer;
    }
  }

  /** Writes, then reads until `bytes` bytes have come: the floor of all clients. */
  async exchangeBytes(request: Uint8Array, bytes: number): Promise<void> {
    await this.#write(request);
    for (let length = 0; length < bytes;) length += await this.#read(0);
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) done += await this.#conn.write(bytes.subarray(done));
  }

  async #read(at: number): Promise<number> {
    const count = await this.#conn.read(this.#buffer.subarray(at));
    if (count === null) throw new Error("the connection ended before its answer");
    return count;
  }
}

/** One request on a connection of its own. */
export async function ask(address: Address, request: RawRequest): Promise<RawAnswer> {
  using connection = await RawConnection.open(address);
  const answer = decoder.decode(await connection.exchange(encodeRaw(request, "fresh")));
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), body: rest.join("\r\n\r\n") };
}

/** The same; throws unless the status is 200. */
export async function askOk(address: Address, request: RawRequest): Promise<RawAnswer> {
  const answer = await ask(address, request);
  if (answer.status === 200) return answer;
  throw new Error(`${request.method} ${request.target}: ${answer.status} ${answer.body}`);
}

async function connect(address: Address): Promise<Deno.Conn> {
  if (address.transport === "unix") return await Deno.connect(address);
  const conn = await Deno.connect(address);
  conn.setNoDelay();
  return conn;
}

/** Whether a head and all that its Content-Length announces is there. */
function isWhole(answer: Uint8Array): boolean {
  const text = decoder.decode(answer);
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, headEnd))?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${text}`);
  return answer.length >= headEnd + 4 + Number(length);
}
