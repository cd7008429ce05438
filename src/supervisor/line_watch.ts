import { toLineTest } from "../config/mod.ts";

/** Longest line that is looked at; what is behind it is not. */
const MAX_LINE_CHARACTERS = 8_192;

/** Watches what an engine prints for a line with some pattern in it. */
export class LineWatch {
  /** Resolves with the first such line. */
  readonly seen: Promise<void>;
  readonly #test: (line: string) => boolean;
  #tell: () => void = () => {};
  #isSeen = false;

  constructor(pattern: string) {
    this.#test = toLineTest(pattern);
    this.seen = new Promise((resolve) => this.#tell = resolve);
  }

  /** One stream of the engine, piece by piece. */
  newStream(): (chunk: Uint8Array) => void {
    const decoder = new TextDecoder();
    let rest = "";
    return (chunk) => {
      if (this.#isSeen) return;
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n|\r/);
      // Also a last line without an end: who prints it may wait for something behind it.
      this.#isSeen = lines.some((line) => this.#test(line.slice(0, MAX_LINE_CHARACTERS)));
      rest = lines.at(-1)?.slice(0, MAX_LINE_CHARACTERS) ?? "";
      if (this.#isSeen) this.#tell();
    };
  }
}
