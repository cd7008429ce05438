/** Reading on: what was kept since the last time, and how much of it is gone already. */
import type { LogReader } from "./log_book.ts";
import type { LogLine } from "./log_line.ts";

/** What came since, of one log or of several. */
export interface NewLines {
  /** In the order they came. */
  readonly lines: readonly LogLine[];
  /** Lines that left the ring before they were read. */
  readonly missed: number;
}

export class LogCursor {
  readonly #reader: LogReader;
  readonly #engines: ReadonlySet<string> | undefined;
  readonly #read = new Map<string | null, number>();

  /** Begins behind what is there now. `engines`: only their logs. @default all */
  constructor(reader: LogReader, engines?: ReadonlySet<string>) {
    this.#reader = reader;
    this.#engines = engines;
    for (const name of this.#names()) this.#read.set(name, reader.lastN(name));
  }

  /** The next lines, at most `limit` of them. */
  take(limit: number): NewLines {
    const { lines: all, missed } = this.#collect(limit);
    const lines = all.sort((one, other) => one.seq - other.seq).slice(0, limit);
    for (const { engine, n } of lines) this.#read.set(engine, n);
    return { lines, missed };
  }

  #collect(limit: number): { lines: LogLine[]; missed: number } {
    const lines: LogLine[] = [];
    let missed = 0;
    for (const name of this.#names()) {
      const read = this.#read.get(name) ?? 0;
      const news = this.#reader.after(name, read, limit);
      const gone = (news[0]?.n ?? read + 1) - read - 1;
      missed += gone;
      if (gone > 0) this.#read.set(name, read + gone);
      lines.push(...news);
    }
    return { lines, missed };
  }

  #names(): readonly (string | null)[] {
    return this.#engines === undefined ? this.#reader.names() : [...this.#engines];
  }
}
