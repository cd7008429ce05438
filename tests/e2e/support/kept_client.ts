/** A client that keeps its one connection: for a program that has no descriptor for another one. */
import { MessageReader, writeAll } from "../../../tasks/soak/message_reader.ts";
import type { JsonAnswer, RunningProgram } from "../../support/program.ts";
import { within } from "../../support/program.ts";

export class KeptClient implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #reader: MessageReader;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.#reader = new MessageReader(conn, { buffer: new Uint8Array(64 * 1024) });
  }

  static async open(program: RunningProgram): Promise<KeptClient> {
    const { hostname, port } = new URL(program.url);
    return new KeptClient(await Deno.connect({ hostname, port: Number(port) }));
  }

  /** One request and its whole answer, which must be JSON. With a `body` it is a POST. */
  async json(method: "GET" | "POST", path: string, body?: unknown): Promise<JsonAnswer> {
    const bytes = new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body));
    const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    await writeAll(this.#conn, new TextEncoder().encode(head));
    await writeAll(this.#conn, bytes);
    return await within(this.#answer(), () => `No answer to ${method} ${path}`);
  }

  async #answer(): Promise<JsonAnswer> {
    const head = await this.#reader.head();
    if (head === undefined) throw new Error("The program has closed the connection");
    const decoder = new TextDecoder();
    let text = "";
    const take = (piece: Uint8Array) => {
      text += decoder.decode(piece, { stream: true });
    };
    await this.#reader.body(head.framing ?? { kind: "length", bytes: 0 }, take);
    const names = ["content-type", "ai-engine-error-source", "retry-after"];
    const headers = new Headers(
      names.map((name): [string, string] => [name, head.field(name) ?? ""]),
    );
    return { status: Number(head.startLine.split(" ")[1]), headers, body: JSON.parse(text) };
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
