/**
 * A writer that never makes its caller wait: what the other end does not take in time is dropped
 * and counted, so that a full pipe behind stderr can't stop the program.
 *
 * @module
 */

export interface BoundedWriterOptions {
  /** Characters that may wait. @default 262_144 */
  readonly maxChars?: number;
  /** How it is said that lines were dropped, in the form of the others. @default as it is */
  readonly toNote?: (text: string) => string;
}

export class BoundedWriter {
  readonly #sink: { write(bytes: Uint8Array): Promise<number> };
  readonly #maxChars: number;
  readonly #toNote: (text: string) => string;
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
    this.#toNote = options.toNote ?? ((text) => text);
  }

  /** Takes `line` without its newline. */
  writeLine(line: string): void {
    if (this.#chars + line.length + 1 > this.#maxChars) {
      this.#dropped++;
    } else {
      this.#waiting.push(line);
      this.#chars += line.length + 1;
    }
    this.#pump ??= this.#run();
  }

  /** Resolves when all that was taken is written, or the other end is gone. */
  async flush(): Promise<void> {
    await this.#pump;
  }

  async #run(): Promise<void> {
    let writing = 0;
    try {
      while (this.#waiting.length > 0 || this.#dropped > 0) {
        writing = this.#waiting.length + this.#dropped;
        const bytes = new TextEncoder().encode(this.#takeText());
        for (let sent = 0; sent < bytes.length;) {
          sent += await this.#sink.write(bytes.subarray(sent));
        }
      }
    } catch {
      // The reader is gone (a closed pipe), most likely for good; if it comes back, it is told.
      const lost = writing + this.#waiting.length + this.#dropped;
      this.#takeText();
      this.#dropped = lost;
    } finally {
      this.#pump = undefined;
    }
  }

  #takeText(): string {
    const lines = this.#waiting;
    if (this.#dropped > 0) {
      lines.push(this.#toNote(`… ${this.#dropped} lines were dropped here`));
    }
    this.#waiting = [];
    this.#chars = 0;
    this.#dropped = 0;
    return lines.join("\n") + "\n";
  }
}
