/**
 * What engines print: the last lines of each are kept in memory, all are written to a file of the
 * engine's, and each is shown. Each line is either kept or counted as skipped, in its place.
 *
 * @module
 */
import type { EngineLogSettings } from "../../config/mod.ts";
import type { BoundView, Clock, OutputLog, OutputSink, OutputStream } from "../../core/mod.ts";
import { LineBudget } from "./line_budget.ts";
import { LineSplitter, type LineTaker } from "./line_splitter.ts";
import { LogBook } from "./log_book.ts";
import type { LogEntry } from "./log_line.ts";

/** Where lines of one engine are written; must not wait. */
export interface LineFile {
  append(line: string): void;
  /** A line that is ours, about those of the engine. */
  note(text: string): void;
}

export interface EngineOutputOptions {
  readonly clock: Clock;
  readonly settings: EngineLogSettings;
  /** Takes each line; must not wait. */
  readonly show: (engine: string, line: string) => void;
  /** The file of an engine; asked for once. @default lines are kept in memory only */
  readonly openFile?: (engine: string) => LineFile;
  /** Where the newest lines are kept. @default one of its own */
  readonly book?: LogBook;
}

/** What became of an engine's lines since the program began. */
export interface LineCounts {
  readonly kept: number;
  readonly skipped: number;
}

export class EngineOutput implements OutputLog {
  readonly #options: EngineOutputOptions;
  readonly #book: LogBook;
  readonly #engines = new Map<string, EngineLines>();

  constructor(options: EngineOutputOptions) {
    this.#options = options;
    this.#book = options.book ?? new LogBook(options);
    this.#book.addSettler(() => this.#engines.forEach((lines) => lines.settle()));
  }

  begin(engine: string): void {
    this.#of(engine).begin();
  }

  sink(engine: string, stream: OutputStream): OutputSink {
    return this.#of(engine).sink(stream);
  }

  tail(engine: string, lines: number): readonly string[] {
    return this.#engines.get(engine)?.tail(lines) ?? [];
  }

  counts(engine: string): LineCounts {
    return this.#engines.get(engine)?.counts ?? { kept: 0, skipped: 0 };
  }

  bounds(): readonly BoundView[] {
    const limit = this.#options.settings.linesPerS;
    return Array.from(this.#engines, ([engine, { counts: { skipped: refused } }]) => {
      return { name: "log_lines_per_s", engine, limit, used: null, refused } as const;
    });
  }

  #of(engine: string): EngineLines {
    let lines = this.#engines.get(engine);
    if (lines === undefined) {
      lines = new EngineLines(engine, { ...this.#options, book: this.#book });
      this.#engines.set(engine, lines);
    }
    return lines;
  }
}

interface EngineLinesOptions extends EngineOutputOptions {
  readonly book: LogBook;
}

/** The lines of one engine, from all its streams and processes. */
class EngineLines {
  readonly #engine: string;
  readonly #options: EngineLinesOptions;
  readonly #budget: LineBudget;
  readonly #file: LineFile | undefined;
  /** Those that may still hold lines they have skipped. */
  readonly #splitters = new Set<LineSplitter>();
  /** Number of the last line of the processes before. */
  #before = 0;
  #kept = 0;
  #skipped = 0;

  constructor(engine: string, options: EngineLinesOptions) {
    const { clock, settings } = options;
    this.#engine = engine;
    this.#options = options;
    this.#budget = new LineBudget({ clock, ...settings });
    this.#file = options.openFile?.(engine);
  }

  get counts(): LineCounts {
    return { kept: this.#kept, skipped: this.#skipped };
  }

  begin(): void {
    this.settle();
    this.#before = this.#options.book.lastN(this.#engine);
  }

  sink(stream: OutputStream): OutputSink {
    const { maxLineBytes } = this.#options.settings;
    const splitter = new LineSplitter(this.#taker(stream), { maxLineBytes });
    this.#splitters.add(splitter);
    return {
      write: (chunk) => splitter.write(chunk),
      end: () => {
        splitter.end();
        this.#splitters.delete(splitter);
      },
    };
  }

  tail(lines: number): readonly string[] {
    if (lines === 0) return [];
    this.settle();
    return this.#options.book.after(this.#engine, this.#before)
      .filter(({ stream }) => stream !== "program").slice(-lines).map(({ text }) => text);
  }

  settle(): void {
    for (const splitter of this.#splitters) splitter.settle();
  }

  #taker(stream: OutputStream): LineTaker {
    return {
      wants: () => this.#budget.hasRoom(),
      onLine: (text, styled) => {
        this.#kept++;
        this.#budget.spend(text.length + 1);
        this.#file?.append(this.#dated(text));
        this.#tell({ stream, text, styled });
      },
      onSkipped: (skipped) => {
        this.#skipped += skipped;
        const text = `… ${skipped} lines were skipped here: too many at once`;
        this.#file?.note(this.#dated(text));
        this.#tell({ stream, text, styled: null, skipped });
      },
    };
  }

  #tell(entry: LogEntry): void {
    this.#options.book.push(this.#engine, entry);
    this.#options.show(this.#engine, entry.text);
  }

  #dated(line: string): string {
    return `${new Date(this.#options.clock.wall()).toISOString()} ${line}`;
  }
}
