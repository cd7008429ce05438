const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Finds the end of a string of JSON that comes in pieces, without looking at each of its bytes. */
export class JsonTextSkip {
  /** The piece before ended with the backslash of an escape. */
  #isEscaped = false;

  /** The offset behind the closing quote of the string that goes on at `from`; -1 = it is not here. */
  find(piece: Uint8Array, from: number): number {
    let at = this.#isEscaped ? from + 1 : from;
    for (;;) {
      const quote = piece.indexOf(QUOTE, at);
      const end = quote < 0 ? piece.length : quote;
      this.#isEscaped = isOdd(backslashesBefore(piece, at, end));
      if (quote < 0) return -1;
      at = quote + 1;
      if (!this.#isEscaped) return at;
    }
  }
}

/** How many backslashes stand right before `end`, none of them before `start`. */
function backslashesBefore(piece: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && piece[at - 1] === BACKSLASH) at--;
  return end - at;
}

function isOdd(count: number): boolean {
  return count % 2 === 1;
}
