/**
 * The two outputs, with what they can show: data goes to stdout, everything else to stderr.
 *
 * @module
 */
import type { Clock, Timer } from "../core/mod.ts";
import type { TextOutput } from "./cli_deps.ts";
import { type ColourWish, isColoured } from "./colours.ts";
import { fit } from "./text.ts";

/** The first line of a progress comes after this long, in milliseconds. */
const PROGRESS_AFTER_MS = 1_000;
const PROGRESS_EVERY_MS = 200;
const CLEAR_LINE = "\r\x1b[K";
const CLEAR_SCREEN = "\x1b[H\x1b[2J";

const STYLES = {
  bold: "1",
  dim: "2",
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
  magenta: "35",
  cyan: "36",
} as const;
export type Style = keyof typeof STYLES;

export interface ScreenOptions {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly colour: ColourWish;
  /** Only documents: no progress, no colour. */
  readonly json: boolean;
}

export class Screen {
  readonly #options: ScreenOptions;
  /** Whether a reader of stdout is left. */
  #isOpen = true;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  get json(): boolean {
    return this.#options.json;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Width to fit text on stdout into; none when it is piped. */
  get columns(): number {
    const { stdout } = this.#options;
    return stdout.isTerminal ? widthOf(stdout) : Infinity;
  }

  get isTerminal(): boolean {
    return this.#options.stdout.isTerminal;
  }

  /** Whether a reader of stdout is left, as far as is known: only a write finds that out. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Writes lines to stdout. When its reader has gone, they are dropped: that ends quietly. */
  async print(...lines: string[]): Promise<void> {
    if (!this.#isOpen || lines.length === 0) return;
    this.#isOpen = await this.#options.stdout.write(`${lines.join("\n")}\n`);
  }

  /** Writes text to stdout as it is; the same for a reader that has gone. */
  async write(text: string): Promise<void> {
    if (this.#isOpen && text !== "") this.#isOpen = await this.#options.stdout.write(text);
  }

  /** Takes all away that stands on a terminal; of anything else, nothing. */
  async clear(): Promise<void> {
    if (!this.json && this.#canDraw("stdout")) await this.write(CLEAR_SCREEN);
  }

  /** Writes one JSON document to stdout. */
  printJson(document: unknown): Promise<void> {
    return this.print(JSON.stringify(document));
  }

  /** Writes lines to stderr. */
  async tell(...lines: string[]): Promise<void> {
    if (lines.length > 0) await this.#options.stderr.write(`${lines.join("\n")}\n`);
  }

  /** Colours text for one of the outputs, if that is wished for, by somebody or by default. */
  paint(style: Style, text: string, output: "stdout" | "stderr" = "stdout"): string {
    const { colour, env, json } = this.#options;
    const isPlain = json || !isColoured(colour, env, this.#canDraw(output));
    return isPlain ? text : `\x1b[${STYLES[style]}m${text}\x1b[0m`;
  }

  /**
   * Begins a line on stderr that says what is waited for and, from the first second on, how long; `null`
   * where there is nobody to read it.
   */
  beginProgress(label: string): Progress | null {
    const canShow = !this.json && this.#canDraw("stderr");
    return canShow ? new Progress(label, this.#options) : null;
  }

  /** Waits for `work` with a progress, one of its own where only a label is given. */
  async during<T>(label: string | Progress | null, work: Promise<T>): Promise<T> {
    const progress = typeof label === "string" ? this.beginProgress(label) : label;
    try {
      return await work;
    } finally {
      await progress?.end();
    }
  }

  #canDraw(output: "stdout" | "stderr"): boolean {
    return this.#options[output].isTerminal && this.#options.env["TERM"] !== "dumb";
  }
}

/** A line that tells how long something takes. */
export class Progress {
  #label: string;
  readonly #output: TextOutput;
  readonly #clock: Clock;
  #startedAt: number;
  /** Said behind the time. */
  #note = "";
  #timer: Timer;
  /** The writes so far, one after the other. */
  #written: Promise<unknown> = Promise.resolve();
  #isShown = false;

  constructor(label: string, options: ScreenOptions) {
    this.#label = label;
    this.#output = options.stderr;
    this.#clock = options.clock;
    this.#startedAt = options.clock.now();
    this.#timer = this.#clock.at(this.#startedAt + PROGRESS_AFTER_MS, () => this.#draw());
  }

  /** Something else is waited for from now on. */
  become(label: string): void {
    if (label === this.#label) return;
    this.#label = label;
    this.#note = "";
    this.#startedAt = this.#clock.now();
  }

  /** What is said behind the time from now on, e.g. `usually 6 s`. */
  note(text: string): void {
    this.#note = text;
  }

  /** Takes the line away. Idempotent. */
  async end(): Promise<void> {
    this.#timer.cancel();
    if (this.#isShown) this.#write(CLEAR_LINE);
    this.#isShown = false;
    await this.#written;
  }

  #draw(): void {
    const now = this.#clock.now();
    const seconds = ((now - this.#startedAt) / 1_000).toFixed(1);
    this.#isShown = true;
    this.#write(CLEAR_LINE + this.#lineOf(`… ${seconds} s`, widthOf(this.#output) - 1));
    this.#timer = this.#clock.at(now + PROGRESS_EVERY_MS, () => this.#draw());
  }

  /** Where there is little room the note goes first, then the end of the label; the time stays. */
  #lineOf(time: string, width: number): string {
    const note = this.#note === "" ? "" : ` (${this.#note})`;
    const whole = this.#label + time + note;
    if ([...whole].length <= width) return whole;
    const room = width - time.length;
    return room < 1 ? fit(whole, width) : [...this.#label].slice(0, room).join("") + time;
  }

  #write(text: string): void {
    // A progress that can't be shown must not spoil the work it tells of.
    this.#written = this.#written.then(() => this.#output.write(text)).catch(() => false);
  }
}

/** Some terminals say that they have no columns, when nobody told them. */
function widthOf(output: TextOutput): number {
  return output.columns > 0 ? output.columns : 80;
}
