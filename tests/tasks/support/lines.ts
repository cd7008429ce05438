/** Collects what a program prints, and waits for some of it. */
export class Lines {
  #text = "";
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Waits for a whole line. */
  async until(line: string): Promise<void> {
    while (!this.#text.split("\n").includes(line)) await this.#more(`"${line}"`);
  }

  /** Waits for a part of a line that is whole. */
  async match(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text.slice(0, this.#text.lastIndexOf("\n") + 1));
      if (found !== null) return found;
      await this.#more(String(pattern));
    }
  }

  /** All that was printed, when there is nothing more to come. */
  async rest(): Promise<string> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return this.#text;
      this.#text += value;
    }
  }

  async #more(wanted: string): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) throw new Error(`${wanted} did not come, but:\n${this.#text}`);
    this.#text += value;
  }
}
