/** What engines print: the last lines of each are kept, and each line is shown with a prefix. */
import type { OutputLog, OutputSink } from "../core/mod.ts";
import { LineSplitter } from "./line_splitter.ts";

export interface EngineOutputOptions {
  /** Takes each line with its prefix; must not wait. */
  readonly show: (line: string) => void;
  /** Lines kept per engine. @default 200 */
  readonly keptLines?: number;
}

export class EngineOutput implements OutputLog {
  readonly #show: (line: string) => void;
  readonly #keptLines: number;
  readonly #lines = new Map<string, string[]>();

  constructor(options: EngineOutputOptions) {
    this.#show = options.show;
    this.#keptLines = options.keptLines ?? 200;
  }

  begin(engine: string): void {
    this.#lines.delete(engine);
  }

  sink(engine: string): OutputSink {
    return new LineSplitter((line) => this.#take(engine, line));
  }

  tail(engine: string, lines: number): readonly string[] {
    const kept = this.#lines.get(engine) ?? [];
    return kept.slice(Math.max(kept.length - lines, 0));
  }

  #take(engine: string, line: string): void {
    const kept = this.#lines.get(engine) ?? [];
    this.#lines.set(engine, kept);
    kept.push(line);
    if (kept.length > this.#keptLines) kept.shift();
    this.#show(`[${engine}] ${line}`);
  }
}
