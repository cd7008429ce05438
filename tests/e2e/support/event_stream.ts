/** A client of `GET /api/events`. */
import { type RunningProgram, within } from "../../support/program.ts";

export interface StreamedEvent {
  readonly type: string;
  readonly id: string | null;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** Reads events as they come; `await using` lets go of the connection. */
export class EventStream implements AsyncDisposable {
  /** All that came so far. */
  readonly events: StreamedEvent[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #reading: Promise<void>;
  /** What {@linkcode next} has passed. */
  #seen = 0;
  #wake: () => void = () => {};

  private constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
    this.#reading = this.#read();
  }

  static async open(
    program: RunningProgram,
    query = "",
    headers: HeadersInit = {},
  ): Promise<EventStream> {
    const response = await program.fetch(`/api/events${query}`, { headers });
    if (response.status !== 200 || response.body === null) {
      throw new Error(`The event stream was answered with ${response.status}`);
    }
    return new EventStream(response.body);
  }

  /** Waits for the next event of `type` that fits; what came before it is passed over. */
  async next(
    type: string,
    fits: (data: StreamedEvent["data"]) => boolean = () => true,
  ): Promise<StreamedEvent["data"]> {
    const find = async () => {
      for (;;) {
        for (; this.#seen < this.events.length; this.#seen++) {
          const event = this.events[this.#seen];
          if (event?.type !== type || !fits(event.data)) continue;
          this.#seen++;
          return event.data;
        }
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    };
    return await within(find(), () => `No ${type} came; there were ${this.#summary()}`);
  }

  /** The next change to `state`. */
  async state(state: string): Promise<StreamedEvent["data"]> {
    return await this.next("state", ({ to }) => to === state);
  }

  /** Waits for the end of the stream. */
  async ended(): Promise<void> {
    await within(this.#reading, () => `The stream did not end; there were ${this.#summary()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Not by a signal: under Deno 2.9.6 an abort was seen to leave a pending read pending.
    await this.#reader.cancel();
    await this.#reading;
  }

  #summary(): string {
    return this.events.map(({ type, data }) => type === "state" ? `${type} ${data.to}` : type)
      .join(", ");
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      this.events.push(...blocks.map(parseBlock).filter((event) => event !== null));
      this.#wake();
    }
  }
}

function parseBlock(block: string): StreamedEvent | null {
  const fields = new Map(
    block.split("\n").map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  const type = fields.get("event");
  const data = fields.get("data");
  if (type === undefined || data === undefined) return null;
  return { type, id: fields.get("id") ?? null, data: JSON.parse(data) };
}
