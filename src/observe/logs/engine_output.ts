/**
 * What engines print: the last lines of each are kept in memory, all are written to a file of the
 * engine's, and each is shown. Each line is either kept or counted as skipped, in its place.
 *
 * @module
 */
import type { EngineLogSettings } from "../../config/mod.ts";
import type { BoundView, Clock, OutputLog, OutputSink } from "../../core/mod.ts";
import { LineBudget } from "./line_budget.ts";
import { LineSplitter, type LineTaker } from "./line_splitter.ts";
import { LogRing } from "./log_ring.ts";

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
}

/** What became of an engine's lines since the program began. */
export interface LineCounts {
  readonly kept: number;
  readonly skipped: number;
}

export class EngineOutput implements OutputLog {
  readonly #options: EngineOutputOptions;
  readonly #engines = new Map<string, EngineLines>();

  constructor(options: EngineOutputOptions) {
    this.#options = options;
  }

  begin(engine: string): void {
    this.#of(engine).begin();
  }

  sink(engine: string): OutputSink {
    return this.#of(engine).sink();
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
      lines = new EngineLines(engine, this.#options);
      this.#engines.set(engine, lines);
    }
    return lines;
  }
}

/** The lines of one engine, from all its streams and processes. */
class EngineLines implements LineTaker {
  readonly #engine: string;
  readonly #options: EngineOutputOptions;
  readonly #budget: LineBudget;
  readonly #ring: LogRing;
  readonly #file: LineFile | undefined;
  /** Those that may still hold lines they have skipped. */
  readonly #splitters = new Set<LineSplitter>();
  #kept = 0;
  #skipped = 0;

  constructor(engine: string, options: EngineOutputOptions) {
    const { clock, settings } = options;
    this.#engine = engine;
    this.#options = options;
    this.#budget = new LineBudget({ clock, ...settings });
    this.#ring = new LogRing({ maxLines: settings.ringLines, maxChars: settings.ringChars });
    this.#file = options.openFile?.(engine);
  }

  get counts(): LineCounts {
    return { kept: this.#kept, skipped: this.#skipped };
  }

  begin(): void {
    this.#settle();
    this.#ring.clear();
  }

  sink(): OutputSink {
    const { maxLineBytes } = this.#options.settings;
    const splitter = new LineSplitter(this, { maxLineBytes });
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
    this.#settle();
    return this.#ring.last(lines);
  }

  wants(): boolean {
    return this.#budget.hasRoom();
  }

  onLine(line: string): void {
    this.#kept++;
    this.#budget.spend(line.length + 1);
    this.#file?.append(this.#dated(line));
    this.#tell(line);
  }

  onSkipped(lines: number): void {
    this.#skipped += lines;
    const line = `… ${lines} lines were skipped here: too many at once`;
    this.#file?.note(this.#dated(line));
    this.#tell(line);
  }

  #tell(line: string): void {
    this.#ring.push(line);
    this.#options.show(this.#engine, line);
  }

  #dated(line: string): string {
    return `${new Date(this.#options.clock.wall()).toISOString()} ${line}`;
  }

  #settle(): void {
    for (const splitter of this.#splitters) splitter.settle();
  }
}
