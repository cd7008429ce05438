/** A connection to a process of the simulation: the supervisor's end is a byte stream. */
import type { ByteStream } from "../../../src/core/mod.ts";

/** What the process does with its end. */
export interface Far {
  /** Bytes have come. */
  received(stream: SimStream, bytes: Uint8Array): void;
  /** The other side is gone. */
  left(stream: SimStream): void;
}

interface Reader {
  readonly buffer: Uint8Array;
  readonly resolve: (count: number | null) => void;
  readonly reject: (error: Error) => void;
}

export class SimStream implements ByteStream {
  /** What has come and makes no whole request yet. */
  unread = "";
  /** Whether what it was asked last came from the supervisor itself, not through the gateway. */
  isControl = false;
  readonly #far: Far;
  readonly #onWrite: () => void;
  #inbox: Uint8Array[] = [];
  #reader: Reader | undefined;
  #state: "open" | "ended" | "broken" | "closed" = "open";

  constructor(far: Far, onWrite: () => void) {
    this.#far = far;
    this.#onWrite = onWrite;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#state === "closed") return Promise.reject(new Error("read from a closed stream"));
    return new Promise((resolve, reject) => {
      this.#reader = { buffer, resolve, reject };
      this.#deliver();
    });
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#state !== "open") return Promise.reject(new Error("broken pipe"));
    this.#onWrite();
    this.#far.received(this, bytes);
    return Promise.resolve(bytes.length);
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#reader?.reject(new Error("closed while reading"));
    this.#reader = undefined;
    this.#far.left(this);
  }

  /** Bytes arrive from the process. */
  arrive(bytes: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#inbox.push(bytes);
    this.#deliver();
  }

  /** The process has closed its end; `broken` = bytes of ours were still unread there. */
  end(how: "ended" | "broken"): void {
    if (this.#state !== "open") return;
    this.#state = how;
    this.#deliver();
  }

  #deliver(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const bytes = this.#inbox.shift();
    if (bytes === undefined && this.#state === "open") return;
    this.#reader = undefined;
    if (bytes === undefined) {
      if (this.#state === "broken") reader.reject(new Error("connection reset"));
      else reader.resolve(null);
      return;
    }
    const count = Math.min(bytes.length, reader.buffer.length);
    reader.buffer.set(bytes.subarray(0, count));
    if (count < bytes.length) this.#inbox.unshift(bytes.subarray(count));
    reader.resolve(count);
  }
}
