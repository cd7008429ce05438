import type { ProtocolError } from "../core/mod.ts";
import { FieldList } from "./field_list.ts";
import {
  byteAt,
  type ByteKind,
  COLON,
  CR,
  escapeBytes,
  isBlank,
  LF,
  skipOf,
  TEXT,
  TOKEN,
} from "./grammar.ts";
import type { Intake } from "./intake.ts";
import type { Http1Limits } from "./limits.ts";
import { remoteFault, type Rule } from "./rules.ts";

/** What a start line says to its next byte: go on, that was its CR, or the rule it breaks. */
export type StartLineVerdict = "more" | "end" | Rule;

/** The first line of a head, the only part in which the two roles differ. */
export interface StartLine {
  /** Bytes of this kind are let by unseen until the next other byte; 0 = every byte is shown. */
  readonly passes: ByteKind;
  /** Begins another line. */
  restart(): void;
  /**
   * Takes a line that is there whole and right, its CR LF included, from `start` to `stop` at the
   * latest, in one sweep. Returns its length; 0 = it is not, and was not taken.
   */
  sweep(bytes: Uint8Array, start: number, stop: number): number;
  /** Takes the byte at `position` of the line; in order, and never twice. Never sees the LF. */
  accept(byte: number, position: number): StartLineVerdict;
}

export interface HeadParserOptions {
  readonly limits: Http1Limits;
  /** Missing for trailers, which are fields only. */
  readonly startLine?: StartLine;
  /** Reports every fault of the grammar under this rule; sizes keep theirs. @default each its own */
  readonly faultsAs?: Rule;
}

/** What the next byte belongs to. */
type State =
  | "start_line"
  | "start_line_lf"
  | "field_start"
  | "name"
  | "before_value"
  | "value"
  | "value_lf"
  | "last_lf"
  | "done";

const NO_BYTES = new Uint8Array(0);

/**
 * Parses heads (or the trailers) of either role in one pass, in whatever pieces they come, and finds
 * a fault at the byte that makes it. Most lines are taken whole, in one sweep; a line that is
 * cut or wrong is looked at a second time, byte for byte. Field lines follow RFC 9112 section 5, read
 * strictly: CR LF only, no folding, no space around the name.
 */
export class HeadParser {
  readonly #options: HeadParserOptions;
  #state: State;
  /** All positions count from the first byte of the head. */
  #at = 0;
  #lineStart = 0;
  #nameEnd = 0;
  #valueStart = 0;
  /** Four of each field; those behind are of an earlier head. */
  readonly #offsets: number[] = [];
  #fieldCount = 0;
  /** Where the head stands during one call of `parse`. */
  #bytes: Uint8Array = NO_BYTES;
  #base = 0;

  constructor(options: HeadParserOptions) {
    this.#options = options;
    this.#state = options.startLine === undefined ? "field_start" : "start_line";
  }

  /** Whether a byte of a head was parsed that is not whole. */
  get isInHead(): boolean {
    return this.#at > 0 && this.#state !== "done";
  }

  /**
   * Parses on in `intake`, whose first byte is the head's first, and takes the head out when it is
   * whole; the next call begins another one. `undefined` = more bytes are needed. Throws
   * `ProtocolError`.
   */
  parse(intake: Intake): FieldList | undefined {
    if (this.#state === "done") this.#restart();
    const { maxHeadBytes } = this.#options.limits;
    const stop = Math.min(intake.size, maxHeadBytes);
    this.#bytes = intake.bytes;
    this.#base = intake.start;
    while (this.#at < stop && this.#state !== "done") this.#step(stop);
    // Of a fault the line is shown; else the buffer is somebody else's again.
    this.#bytes = NO_BYTES;
    if (this.#state === "done") {
      return new FieldList(intake.takeCopy(this.#at), this.#offsets.slice(0, 4 * this.#fieldCount));
    }
    if (this.#at === maxHeadBytes) throw this.#fault("HEAD_TOO_LARGE");
    return undefined;
  }

  #restart(): void {
    this.#state = "start_line";
    this.#options.startLine?.restart();
    this.#at = this.#lineStart = this.#fieldCount = 0;
  }

  #step(stop: number): void {
    switch (this.#state) {
      case "start_line":
        return this.#startLine(stop);
      case "start_line_lf":
        return this.#lineFeed("field_start");
      case "field_start":
        if (!this.#wholeField(stop)) this.#fieldStart();
        return;
      case "name":
        return this.#name(stop);
      case "before_value":
        return this.#beforeValue(stop);
      case "value":
        return this.#value(stop);
      case "value_lf":
        return this.#lineFeed("field_start");
      default:
        return this.#lineFeed("done");
    }
  }

  #startLine(stop: number): void {
    const { startLine } = this.#options;
    if (this.#at === 0 && startLine !== undefined) {
      this.#at = startLine.sweep(this.#bytes, this.#base, this.#base + stop);
      if (this.#at > 0) {
        this.#lineStart = this.#at;
        this.#state = "field_start";
        return;
      }
    }
    while (startLine !== undefined && this.#at < stop) {
      if (startLine.passes !== 0) this.#at = this.#skip(startLine.passes, this.#at, stop);
      if (this.#at === stop) return;
      const byte = this.#byte();
      if (byte === LF && this.#at > 0) throw this.#fault("BAD_LINE_END");
      const verdict = startLine.accept(byte, this.#at);
      if (verdict !== "more" && verdict !== "end") throw this.#fault(verdict);
      this.#at++;
      if (verdict === "end") {
        this.#state = "start_line_lf";
        return;
      }
    }
  }

  #lineFeed(next: State): void {
    if (this.#byte() !== LF) throw this.#fault("BAD_LINE_END");
    this.#at++;
    this.#lineStart = this.#at;
    this.#state = next;
  }

  /**
   * Takes a field line that is there whole and right, in one sweep. `false` = it is not, or something
   * else begins here: nothing was taken, and the single steps find out what.
   */
  #wholeField(stop: number): boolean {
    const bytes = this.#bytes;
    const base = this.#base;
    const nameStart = this.#at;
    const nameEnd = this.#skip(TOKEN, nameStart, stop);
    if (nameEnd === nameStart || byteAt(bytes, base + nameEnd) !== COLON) return false;
    let valueStart = nameEnd + 1;
    while (valueStart < stop && isBlank(byteAt(bytes, base + valueStart))) valueStart++;
    const end = this.#skip(TEXT, valueStart, stop);
    const isEnded = end + 1 < stop && byteAt(bytes, base + end) === CR &&
      byteAt(bytes, base + end + 1) === LF;
    if (!isEnded || this.#fieldCount === this.#options.limits.maxFields) return false;
    this.#noteField(nameStart, nameEnd, valueStart, this.#trimmedEnd(valueStart, end));
    this.#at = this.#lineStart = end + 2;
    return true;
  }

  #fieldStart(): void {
    const byte = this.#byte();
    if (byte === CR) {
      this.#at++;
      this.#state = "last_lf";
      return;
    }
    if (byte === LF) throw this.#fault("BAD_LINE_END");
    if (isBlank(byte)) throw this.#fault(this.#fieldCount === 0 ? "UNEXPECTED_SPACE" : "OBS_FOLD");
    if (this.#fieldCount === this.#options.limits.maxFields) throw this.#fault("HEAD_TOO_LARGE");
    this.#state = "name";
  }

  #name(stop: number): void {
    this.#at = this.#skip(TOKEN, this.#at, stop);
    if (this.#at === stop) return;
    if (this.#byte() !== COLON || this.#at === this.#lineStart) {
      throw this.#fault("BAD_HEADER_NAME");
    }
    this.#nameEnd = this.#at;
    this.#at++;
    this.#state = "before_value";
  }

  #beforeValue(stop: number): void {
    while (this.#at < stop && isBlank(this.#byte())) this.#at++;
    if (this.#at === stop) return;
    this.#valueStart = this.#at;
    this.#state = "value";
  }

  #value(stop: number): void {
    this.#at = this.#skip(TEXT, this.#at, stop);
    if (this.#at === stop) return;
    const byte = this.#byte();
    if (byte === LF) throw this.#fault("BAD_LINE_END");
    if (byte !== CR) throw this.#fault("BAD_HEADER_VALUE");
    const end = this.#trimmedEnd(this.#valueStart, this.#at);
    this.#noteField(this.#lineStart, this.#nameEnd, this.#valueStart, end);
    this.#at++;
    this.#state = "value_lf";
  }

  #noteField(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = 4 * this.#fieldCount++;
    this.#offsets[at] = nameStart;
    this.#offsets[at + 1] = nameEnd;
    this.#offsets[at + 2] = valueStart;
    this.#offsets[at + 3] = valueEnd;
  }

  /** The first position from `from` on, `stop` at the latest, whose byte is not of `kind`. */
  #skip(kind: ByteKind, from: number, stop: number): number {
    const base = this.#base;
    return skipOf(kind, this.#bytes, base + from, base + stop) - base;
  }

  /** Where the value from `start` to `end` ends without the blanks behind it. */
  #trimmedEnd(start: number, end: number): number {
    let trimmed = end;
    while (trimmed > start && isBlank(byteAt(this.#bytes, this.#base + trimmed - 1))) trimmed--;
    return trimmed;
  }

  #byte(): number {
    return byteAt(this.#bytes, this.#base + this.#at);
  }

  /** Shows the line up to the byte that broke the rule: the same for every way the bytes were cut. */
  #fault(rule: Rule): ProtocolError {
    if (rule === "HEAD_TOO_LARGE") return remoteFault(rule);
    const line = this.#bytes.subarray(this.#base + this.#lineStart, this.#base + this.#at + 1);
    return remoteFault(this.#options.faultsAs ?? rule, escapeBytes(line));
  }
}
