/**
 * A writer that never makes its caller wait: what the other end does not take in time is dropped
 * and counted, so that a full pipe behind stderr can't stop the program.
 *
 * @module
 */

export interface BoundedWriterOptions {
  /** Characters that may wait. @default 262_144 */
  readonly maxChars?: number;
}

export class BoundedWriter {
  readonly #sink: { write(bytes: Uint8Array): Promise<number> };
  readonly #maxChars: number;
  #waiting: string[] = [];
  #chars = 0;
  #dropped = 0;
  #pump: Promise<void> | undefined;

  constructor(
    sink: { write(bytes: Uint8Array): Promise<number> },
    options: BoundedWriterOptions = {},
  ) {
    this.#sink = sink;
    this.#maxChars = options.maxChars ?? 262_144;
  }

  /** Takes `line` without its newline. */
  writeLine(line: string): void {
    if (this.#chars + line.length > this.#maxChars) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#chars += line.length + 1;
    this.#pump ??= this.#run();
  }

  /** Resolves when all that was taken is written, or the other end is gone. */
  async flush(): Promise<void> {
    await this.#pump;
  }

  async #run(): Promise<void> {
    const encoder = new TextEncoder();
    try {
      while (this.#waiting.length > 0) {
        const lines = this.#waiting;
        this.#waiting = [];
        this.#chars = 0;
        if (this.#dropped > 0) lines.push(`… ${this.#dropped} lines were dropped here`);
        this.#dropped = 0;
        const bytes = encoder.encode(lines.join("\n") + "\n");
        for (let sent = 0; sent < bytes.length;) {
          sent += await this.#sink.write(bytes.subarray(sent));
        }
      }
    } catch {
      // The reader is gone (a closed pipe): lines go nowhere from now on, which is what it wants.
      this.#waiting = [];
    } finally {
      this.#pump = undefined;
    }
  }
}
