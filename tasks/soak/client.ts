/** One client connection of the soak. */
import { type Answered, readAnswer } from "./answer.ts";
import { MessageReader, writeAll } from "./message_reader.ts";
import type { Ask } from "./plan.ts";
import { joined, type RequestBytes } from "./request_bytes.ts";
import type { Watch, Watched } from "./watch.ts";

/** A request that has no answer by then has failed. */
const DEADLINE_MS = 30_000;

/** Head and body go out in one write up to this size. */
const JOINED_BYTES = 32 * 1_024;

export interface ClientOptions {
  readonly address: Deno.ConnectOptions;
  readonly watch: Watch;
  /** Used by nobody else while the connection is open. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Waited for before each read. @default no wait */
  readonly pace?: (client: Client) => Promise<void>;
}

export class Client implements Watched, AsyncDisposable {
  readonly reader: MessageReader;
  readonly #conn: Deno.TcpConn;
  readonly #watch: Watch;
  deadlineAt = Infinity;
  isOverdue = false;
  #isOpen = true;
  #sending: Promise<void> = Promise.resolve();

  private constructor(conn: Deno.TcpConn, { watch, buffer, pace }: ClientOptions) {
    this.#conn = conn;
    this.#watch = watch;
    conn.setNoDelay();
    this.reader = new MessageReader(conn, {
      buffer,
      ...pace === undefined ? {} : { pace: () => pace(this) },
    });
    watch.add(this);
  }

  static async open(options: ClientOptions): Promise<Client> {
    return new Client(await Deno.connect(options.address), options);
  }

  /** Begins to send; who can't take it any more may still answer. */
  send(bytes: Uint8Array): void {
    this.deadlineAt = performance.now() + DEADLINE_MS;
    const before = this.#sending;
    this.#sending = before.then(() => writeAll(this.#conn, bytes)).catch(() => {});
  }

  /** Resolves when all that was to be sent is, or can't be. */
  get sent(): Promise<void> {
    return this.#sending;
  }

  /** One request and its answer. A body that has to wait for a 100 does. */
  async exchange(ask: Ask, { head, body }: RequestBytes): Promise<Answered> {
    const waits = ask.kind === "engine" && ask.expects;
    if (waits || body.length > JOINED_BYTES) this.send(head);
    else this.send(joined([head, body]));
    if (!waits && body.length > JOINED_BYTES) this.send(body);
    const answered = await readAnswer(this.reader, ask, () => waits && this.send(body));
    if ("keeps" in answered && answered.keeps) await this.#sending;
    return answered;
  }

  /** Says that nothing more will be sent. */
  async closeWrite(): Promise<void> {
    await this.#sending;
    await this.#conn.closeWrite().catch(() => {});
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#conn.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch.remove(this);
    this.close();
    await this.#sending;
  }
}
