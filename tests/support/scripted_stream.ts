import type { ByteStream } from "../../src/core/mod.ts";

/** What the peer has put on the wire. */
type Incoming =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "eof" }
  | { readonly kind: "error"; readonly error: Error };

interface Reader {
  readonly buffer: Uint8Array;
  readonly resolve: (count: number | null) => void;
  readonly reject: (error: Error) => void;
}

export interface ScriptedStreamOptions {
  /** Largest number of bytes one write takes. @default all */
  readonly writeAtMost?: number;
  /** Bytes the peer takes in all before writes wait. @default no limit */
  readonly room?: number;
}

/** A byte stream whose other end is played by a test. */
export class ScriptedStream implements ByteStream {
  readonly #writeAtMost: number;
  #room: number;
  #incoming: Incoming[] = [];
  #reader: Reader | undefined;
  #writer: { readonly retry: () => void; readonly reject: (error: Error) => void } | undefined;
  #writeError: Error | undefined;
  #written: number[] = [];
  #writes = 0;
  #isClosed = false;

  constructor(options: ScriptedStreamOptions = {}) {
    this.#writeAtMost = options.writeAtMost ?? Infinity;
    this.#room = options.room ?? Infinity;
  }

  /** Puts `bytes` where the next reads find them. */
  send(bytes: Uint8Array | string): void {
    const encoded = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    this.#push({ kind: "bytes", bytes: encoded });
  }

  /** Ends what can be read. */
  end(): void {
    this.#push({ kind: "eof" });
  }

  /** Makes the next read reject once everything before was read. */
  breakReads(error: Error): void {
    this.#push({ kind: "error", error });
  }

  /** Makes every write from now on reject, the pending one too. */
  breakWrites(error: Error): void {
    this.#writeError = error;
    this.#writer?.reject(error);
    this.#writer = undefined;
  }

  /** Lets the peer take `bytes` more. */
  makeRoom(bytes: number): void {
    this.#room += bytes;
    this.#writer?.retry();
  }

  /** All bytes written so far. */
  get written(): Uint8Array {
    return Uint8Array.from(this.#written);
  }
  /** The same as text, one character a byte. */
  get writtenText(): string {
    return this.#written.map((byte) => String.fromCharCode(byte)).join("");
  }
  /** How many writes took bytes. */
  get writes(): number {
    return this.#writes;
  }
  get isClosed(): boolean {
    return this.#isClosed;
  }
  /** Whether somebody waits for bytes. */
  get isBeingRead(): boolean {
    return this.#reader !== undefined;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#reader !== undefined) throw new TypeError("two reads at once");
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new Error("read from a closed stream"));
      this.#reader = { buffer, resolve, reject };
      this.#deliver();
    });
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#writer !== undefined) throw new TypeError("two writes at once");
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new Error("write to a closed stream"));
      if (this.#writeError !== undefined) return reject(this.#writeError);
      const retry = () => {
        const count = Math.min(bytes.length, this.#writeAtMost, this.#room);
        if (count === 0) return;
        this.#writer = undefined;
        this.#room -= count;
        this.#writes++;
        for (const byte of bytes.subarray(0, count)) this.#written.push(byte);
        resolve(count);
      };
      this.#writer = { retry, reject };
      retry();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#reader?.reject(new Error("closed while reading"));
    this.#writer?.reject(new Error("closed while writing"));
    this.#reader = this.#writer = undefined;
  }

  #push(incoming: Incoming): void {
    this.#incoming.push(incoming);
    this.#deliver();
  }

  #deliver(): void {
    const reader = this.#reader;
    const [next, ...rest] = this.#incoming;
    if (reader === undefined || next === undefined) return;
    this.#reader = undefined;
    switch (next.kind) {
      case "eof":
        return reader.resolve(null);
      case "error":
        return reader.reject(next.error);
      case "bytes": {
        const count = Math.min(next.bytes.length, reader.buffer.length);
        reader.buffer.set(next.bytes.subarray(0, count));
        const left = next.bytes.subarray(count);
        this.#incoming = left.length > 0 ? [{ kind: "bytes", bytes: left }, ...rest] : rest;
        return reader.resolve(count);
      }
    }
  }
}
