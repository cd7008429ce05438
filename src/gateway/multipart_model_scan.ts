import type { ModelScan, ScanOutcome } from "./model_scan.ts";
import { readParameter } from "./parameters.ts";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const DASH = 0x2d;

/** The part that is looked for. */
const PART = "model";

/** More than the head of any honest part. */
const MAX_HEAD_BYTES = 8 * 1024;
const MAX_BOUNDARY_BYTES = 70;

const HEAD_END = "\r\n\r\n";

/**
 * Behind a delimiter, up to the end of its line: `line` before anything but blanks, `dash` after the
 * first of the two that end the body, `cr` after the line's CR.
 */
type State = "content" | "line" | "dash" | "cr" | "head";

/** Looks for the part `model` of a form (RFC 7578), wherever it stands among the others. */
export class MultipartModelScan implements ModelScan {
  /** Begins with CR, and has none but there. */
  readonly #delimiter: Uint8Array;
  #state: State = "content";
  /** How much of the delimiter was seen; the first one may stand at the very start of the body. */
  #matched = 2;
  #head = "";
  /** Where the content of the part looked for begins, and where it may end; -1 = not known. */
  #start = -1;
  #end = -1;
  /** Bytes of the pieces before. */
  #before = 0;
  #outcome: ScanOutcome | undefined;

  /** `contentType` names the boundary. */
  constructor(contentType: string) {
    const boundary = readParameter(contentType, "boundary") ?? "";
    this.#delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
    if (/^[\x20-\x7e]*[\x21-\x7e]$/.test(boundary) && boundary.length <= MAX_BOUNDARY_BYTES) return;
    this.#endWith("The body's Content-Type names no boundary of its parts.");
  }

  scan(piece: Uint8Array): ScanOutcome | undefined {
    for (let at = 0; at < piece.length && this.#outcome === undefined;) {
      if (this.#state === "content") at = this.#findDelimiter(piece, at);
      else if (this.#state === "head") this.#takeHead(piece[at] ?? 0, this.#before + ++at);
      else if (this.#takeLine(piece[at] ?? 0)) at++;
    }
    this.#before += piece.length;
    return this.#outcome;
  }

  end(): ScanOutcome {
    if (this.#outcome !== undefined) return this.#outcome;
    const why = this.#before === 0 ? "The body is empty." : "The body's parts are not whole.";
    return { kind: "none", why };
  }

  /** Gives the offset behind the delimiter, or behind the piece. */
  #findDelimiter(piece: Uint8Array, from: number): number {
    const delimiter = this.#delimiter;
    for (let at = from; at < piece.length;) {
      if (this.#matched === 0) {
        const found = piece.indexOf(CR, at);
        if (found < 0) return piece.length;
        at = found;
      }
      if (piece[at] !== delimiter[this.#matched]) {
        this.#matched = 0;
        continue;
      }
      at++;
      if (++this.#matched < delimiter.length) continue;
      this.#end = this.#before + at - delimiter.length;
      this.#state = "line";
      return at;
    }
    return piece.length;
  }

  /** Tells whether the byte is taken: what can't follow a delimiter is content, like the delimiter. */
  #takeLine(byte: number): boolean {
    if (this.#state === "line" && byte === DASH) this.#state = "dash";
    else if (this.#state === "line" && byte === CR) this.#state = "cr";
    else if (this.#state === "dash" && byte === DASH) this.#endPart("last");
    else if (this.#state === "cr" && byte === LF) this.#endPart("more");
    else if (this.#state !== "line" || (byte !== SPACE && byte !== TAB)) {
      this.#matched = 0;
      this.#state = "content";
      return false;
    }
    return true;
  }

  #endPart(next: "more" | "last"): void {
    if (this.#start >= 0) {
      const end = Math.max(this.#start, this.#end);
      this.#outcome = { kind: "found", form: "plain", start: this.#start, end };
    } else if (next === "last") this.#endWith(`The body has no part called "${PART}".`);
    this.#state = "head";
    // What a head without a field begins with is its end.
    this.#head = "\r\n";
  }

  /** `offset` is that of the byte behind this one. */
  #takeHead(byte: number, offset: number): void {
    this.#head += String.fromCharCode(byte);
    if (this.#head.length > MAX_HEAD_BYTES) {
      this.#endWith("The body has a part with too large a head.");
    }
    if (byte !== LF || !this.#head.endsWith(HEAD_END)) return;
    if (nameOf(this.#head) === PART) this.#start = offset;
    this.#state = "content";
    // The delimiter of a part without content begins with the end of its head.
    this.#matched = 2;
  }

  #endWith(why: string): void {
    this.#outcome = { kind: "none", why };
  }
}

/** The name of the part with this head. */
function nameOf(head: string): string | undefined {
  const disposition = /\r\ncontent-disposition:[ \t]*form-data([^\r]*)/i.exec(head)?.[1];
  return disposition === undefined ? undefined : readParameter(disposition, "name");
}
