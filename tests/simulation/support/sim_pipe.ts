/**
 * The reading end of a pipe of which only the end is of interest: a stream of the platform, of which
 * thousands of processes need two each, takes longer to make than all else that a process does.
 */
export class SimPipe {
  #isOver = false;
  #onOver = () => {};

  /** What a reader of the whole of it uses of a stream. */
  get stream(): ReadableStream<Uint8Array> {
    const reader = {
      read: () => this.#read(),
      cancel: () => {
        this.end();
        return Promise.resolve();
      },
    };
    return { getReader: () => reader } as unknown as ReadableStream<Uint8Array>;
  }

  end(): void {
    this.#isOver = true;
    this.#onOver();
  }

  #read(): Promise<{ readonly done: true }> {
    if (this.#isOver) return Promise.resolve({ done: true });
    return new Promise((resolve) => this.#onOver = () => resolve({ done: true }));
  }
}
