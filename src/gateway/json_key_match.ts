const KEY = "model";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

const NO_ESCAPE = -2;
const BACKSLASH_SEEN = -1;
const HEX_DIGITS = 4;

/** Compares a key of JSON that comes byte by byte with `model`, escapes (`\u006d`) read. */
export class JsonKeyMatch {
  #matched = 0;
  /** How many hexadecimal digits of an escape were read, or where else in an escape it is. */
  #escape = NO_ESCAPE;
  #code = 0;

  /** Before the first byte of a key. */
  begin(): void {
    this.#matched = 0;
    this.#escape = NO_ESCAPE;
  }

  /**
   * Takes the next byte. `other` = it is another key, of which the rest goes on behind this byte;
   * otherwise the key is over with its quote: `model`, or `shorter`.
   */
  take(byte: number): "more" | "model" | "shorter" | "other" {
    if (this.#escape === NO_ESCAPE) {
      if (byte === QUOTE) return this.#matched === KEY.length ? "model" : "shorter";
      if (byte !== BACKSLASH) return this.#compare(byte);
      this.#escape = BACKSLASH_SEEN;
      return "more";
    }
    if (this.#escape === BACKSLASH_SEEN) {
      this.#escape = this.#code = 0;
      // No other escape stands for a letter.
      return byte === LETTER_U ? "more" : "other";
    }
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    // A quote here ends the string, which is none of JSON.
    if (Number.isNaN(digit)) return byte === QUOTE ? "shorter" : "other";
    this.#code = 16 * this.#code + digit;
    if (++this.#escape < HEX_DIGITS) return "more";
    this.#escape = NO_ESCAPE;
    return this.#compare(this.#code);
  }

  #compare(code: number): "more" | "other" {
    return KEY.charCodeAt(this.#matched++) === code ? "more" : "other";
  }
}
