/**
 * Lines of logs, as the API tells them and as they are shown.
 *
 * @module
 */
import { isRecord } from "./problem.ts";
import type { Screen, Style } from "./screen.ts";
import { formatTime, plain } from "./text.ts";

export interface LogLine {
  /** Whose log it is in; `null` = the program's own. */
  readonly engine: string | null;
  /** Counts the lines of that log. */
  readonly n: number;
  /** When it came; RFC 3339. */
  readonly t: string;
  readonly text: string;
  /** Of a line that stands for others: how many. */
  readonly skipped: number | null;
  /** All of it, as it came. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** Names in other colours stand apart. */
const NAME_STYLES: readonly Style[] = ["cyan", "magenta", "blue", "yellow", "green"];

const LONGEST_NAME = 20;

/** The line in `value`; `undefined` when there is none. */
export function toLogLine(value: unknown, engine: string | null = null): LogLine | undefined {
  if (!isRecord(value)) return undefined;
  const { n, t, text, skipped } = value;
  if (typeof n !== "number" || typeof text !== "string" || typeof t !== "string") return undefined;
  const said = value["engine"];
  const name = typeof said === "string" ? said : engine;
  return {
    engine: name,
    n,
    t,
    text,
    skipped: typeof skipped === "number" ? skipped : null,
    document: { engine: name, ...value },
  };
}

export interface LogPrinterOptions {
  /** Whose names stand in front of the lines; `null` = none does. */
  readonly names: readonly string[] | null;
  /** The times stand there, too. */
  readonly hasTimes: boolean;
}

export class LogPrinter {
  readonly #screen: Screen;
  readonly #options: LogPrinterOptions;
  readonly #width: number;

  constructor(screen: Screen, options: LogPrinterOptions) {
    this.#screen = screen;
    this.#options = options;
    const longest = Math.max(0, ...(options.names ?? []).map((name) => name.length));
    this.#width = Math.min(LONGEST_NAME, longest);
  }

  async print(lines: readonly LogLine[]): Promise<void> {
    const screen = this.#screen;
    if (screen.json) await screen.print(...lines.map(({ document }) => JSON.stringify(document)));
    else await screen.print(...lines.map((line) => this.#render(line)));
  }

  #render({ engine, t, text, skipped }: LogLine): string {
    const { names, hasTimes } = this.#options;
    const safe = plain(text).replaceAll("\n", " ");
    const shown = skipped === null ? safe : this.#screen.paint("dim", safe);
    const time = hasTimes ? `${this.#screen.paint("dim", formatTime(t))} ` : "";
    if (names === null) return time + shown;
    const name = engine ?? "ai-engine";
    const style = NAME_STYLES[names.indexOf(name) % NAME_STYLES.length] ?? "dim";
    return `${this.#screen.paint(style, `${name.padEnd(this.#width)} |`)} ${time}${shown}`;
  }
}
