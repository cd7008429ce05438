/** HTTP/1.1 by hand over a Unix socket, as any client of an engine might speak it. */

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The parsed body; `undefined` when there is none. */
  // deno-lint-ignore no-explicit-any
  readonly json: any;
}

/** One connection; requests go one after the other. */
export class RawConnection implements Disposable {
  readonly #connection: Deno.UnixConn;
  #received = new Uint8Array();

  private constructor(connection: Deno.UnixConn) {
    this.#connection = connection;
  }

  static async open(path: string): Promise<RawConnection> {
    return new RawConnection(await Deno.connect({ transport: "unix", path }));
  }

  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  async ask(method: string, path: string, body: string | Uint8Array = ""): Promise<RawAnswer> {
    await this.write(requestHead(method, path, byteLength(body)));
    await this.write(body);
    return await this.readAnswer(method);
  }

  /** Reads one answer, whose length must be told. `null` when the connection ends before it. */
  async readAnswerOrEnd(method = "POST"): Promise<RawAnswer | null> {
    const end = await this.#find("\r\n\r\n");
    if (end === null) return null;
    const [statusLine = "", ...lines] = this.#take(end + 4).trimEnd().split("\r\n");
    const headers = new Map(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const length = method === "HEAD" ? 0 : Number(headers.get("content-length"));
    while (this.#received.length < length) {
      if (!await this.#fill()) throw new Error("the answer's body is cut");
    }
    const body = this.#take(length);
    const json = body === "" ? undefined : JSON.parse(body);
    return { status: Number(statusLine.split(" ")[1]), headers, json };
  }

  async readAnswer(method = "POST"): Promise<RawAnswer> {
    const answer = await this.readAnswerOrEnd(method);
    if (answer === null) throw new Error("the connection ended without an answer");
    return answer;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  async #find(text: string): Promise<number | null> {
    while (true) {
      const at = new TextDecoder("latin1").decode(this.#received).indexOf(text);
      if (at >= 0) return at;
      if (!await this.#fill()) return null;
    }
  }

  async #fill(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    let length: number | null;
    try {
      length = await this.#connection.read(buffer);
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      length = null;
    }
    if (length === null) return false;
    const joined = new Uint8Array(this.#received.length + length);
    joined.set(this.#received);
    joined.set(buffer.subarray(0, length), this.#received.length);
    this.#received = joined;
    return true;
  }

  #take(length: number): string {
    const text = new TextDecoder().decode(this.#received.subarray(0, length));
    this.#received = this.#received.slice(length);
    return text;
  }
}

export function requestHead(method: string, path: string, contentLength: number): string {
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${contentLength}\r\n\r\n`;
}

export function byteLength(body: string | Uint8Array): number {
  return typeof body === "string" ? new TextEncoder().encode(body).length : body.length;
}
