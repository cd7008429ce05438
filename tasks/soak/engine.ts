/**
 * The engine of the soak: a program for `--engine` that answers as each request's target tells it
 * to, see `errand.ts`. It reads every body and says whether it was the right one.
 */
import { bodyBytes, BodyCheck } from "./body_bytes.ts";
import { type Errand, readErrand, type Report, reportText } from "./errand.ts";
import { type MessageHead, MessageReader, writeAll } from "./message_reader.ts";

const BUFFER_BYTES = 64 * 1024;
/** A body up to this size is sent in one write with its head. */
const JOINED_BYTES = 32 * 1024;

const NO_BODY = { kind: "length", bytes: 0 } as const;
const encoder = new TextEncoder();

/** One connection of the supervisor's. */
class Peer {
  readonly #conn: Deno.Conn;
  readonly #reader: MessageReader;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#reader = new MessageReader(conn, { buffer: new Uint8Array(BUFFER_BYTES) });
  }

  /** Answers until the connection ends, by whom ever. */
  async serve(): Promise<void> {
    try {
      for (let isKept = true; isKept;) {
        const head = await this.#reader.head();
        isKept = head !== undefined && await this.#answer(head);
      }
    } catch {
      // The other side has left in the middle.
    } finally {
      this.#conn.close();
    }
  }

  /** `false` = the connection is over. */
  async #answer(head: MessageHead): Promise<boolean> {
    const [method = "", target = ""] = head.startLine.split(" ");
    const errand = readErrand(target);
    if (errand === undefined) {
      const status = target === "/health" ? "200 OK" : "404 Not Found";
      // Nothing of it is kept open, so that who counts connections need not wait for that.
      await this.#write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return false;
    }
    if (errand.how === "tunnel") return await this.#tunnel();
    if (errand.how === "early") return await this.#answerEarly(errand, { method, head });
    const check = new BodyCheck(errand.id, "up");
    if (head.field("expect") !== undefined) await this.#write("HTTP/1.1 100 Continue\r\n\r\n");
    await this.#reader.body(head.framing ?? NO_BODY, (piece) => check.take(piece));
    const body = check.isRight ? "right" : "wrong";
    const report = { id: errand.id, method, body, bodyBytes: check.bytes } as const;
    return await this.#carryOut(errand, report);
  }

  async #answerEarly(
    errand: Errand,
    { method, head }: { readonly method: string; readonly head: MessageHead },
  ): Promise<boolean> {
    const report = { id: errand.id, method, body: "unread", bodyBytes: 0 } as const;
    await this.#sendWhole(errand, report);
    // Who waits for a 100 that never came sends no body.
    if (head.field("expect") !== undefined) return false;
    await this.#reader.body(head.framing ?? NO_BODY, () => {});
    return true;
  }

  async #carryOut(errand: Errand, report: Report): Promise<boolean> {
    switch (errand.how) {
      case "mute":
        return false;
      case "cut_length":
      case "cut_chunked": {
        const isChunked = errand.how === "cut_chunked";
        const sent = Math.floor(errand.bytes / 2);
        const framing = isChunked ? CHUNKED : `Content-Length: ${errand.bytes}`;
        const body = bodyBytes(errand.id, "down", sent);
        await this.#write(headText(report, framing), isChunked ? chunk(body) : body);
        return false;
      }
      case "chunked":
        await this.#sendChunked(errand, report);
        return true;
      case "close":
        await this.#send(headText(report, "Connection: close"), errand, report);
        return false;
      case "hinted":
        await this.#write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
        await this.#sendWhole(errand, report);
        return true;
      default:
        await this.#sendWhole(errand, report);
        return true;
    }
  }

  async #sendWhole(errand: Errand, report: Report): Promise<void> {
    await this.#send(headText(report, `Content-Length: ${errand.bytes}`), errand, report);
  }

  async #send(head: string, errand: Errand, { method }: Report): Promise<void> {
    const bytes = method === "HEAD" ? 0 : errand.bytes;
    await this.#write(head, bodyBytes(errand.id, "down", bytes));
  }

  /** In chunks of sizes that follow from the number, too. */
  async #sendChunked({ id, bytes }: Errand, report: Report): Promise<void> {
    const step = 1 + id * 7919 % (16 * 1024);
    await this.#write(headText(report, CHUNKED));
    if (report.method === "HEAD") return;
    const body = bodyBytes(id, "down", bytes);
    for (let at = 0; at < bytes; at += step) {
      await writeAll(this.#conn, chunk(body.subarray(at, at + step)));
    }
    await this.#write("0\r\n\r\n");
  }

  async #tunnel(): Promise<boolean> {
    await this.#write(
      "HTTP/1.1 101 Switching Protocols\r\n" +
        "Connection: upgrade\r\nUpgrade: soak\r\n\r\n",
    );
    for (;;) {
      const piece = await this.#reader.piece();
      if (piece === undefined) return false;
      await writeAll(this.#conn, piece);
    }
  }

  async #write(text: string, body: Uint8Array = new Uint8Array(0)): Promise<void> {
    const head = encoder.encode(text);
    if (body.length > JOINED_BYTES) {
      await writeAll(this.#conn, head);
      return await writeAll(this.#conn, body);
    }
    const joined = new Uint8Array(head.length + body.length);
    joined.set(head);
    joined.set(body, head.length);
    await writeAll(this.#conn, joined);
  }
}

const CHUNKED = "Transfer-Encoding: chunked";

function headText(report: Report, framing: string): string {
  return `HTTP/1.1 200 OK\r\nSoak: ${reportText(report)}\r\n${framing}\r\n\r\n`;
}

function chunk(body: Uint8Array): Uint8Array {
  const size = encoder.encode(`${body.length.toString(16)}\r\n`);
  const bytes = new Uint8Array(size.length + body.length + 2);
  bytes.set(size);
  bytes.set(body, size.length);
  bytes.set([13, 10], size.length + body.length);
  return bytes;
}

/** End-of-file on standard input: the supervisor is gone. */
async function exitWithSupervisor(): Promise<never> {
  const buffer = new Uint8Array(64);
  while (await Deno.stdin.read(buffer) !== null);
  Deno.exit(0);
}

async function main(): Promise<void> {
  exitWithSupervisor().catch(() => Deno.exit(1));
  const path = Deno.env.get("AI_ENGINE_SOCKET") ?? "";
  for await (const conn of Deno.listen({ transport: "unix", path })) {
    new Peer(conn).serve().catch(() => {});
  }
}

if (import.meta.main) await main();
