/**
 * The mailbox: one item after the other, each handled whole before the next. What a handler posts
 * waits its turn, so nobody ever sees a state half changed.
 */
export class Mailbox<T> {
  readonly #handle: (item: T) => void;
  #queue: T[] = [];
  #isHandling = false;

  constructor(handle: (item: T) => void) {
    this.#handle = handle;
  }

  /** Handles `item` before it returns, unless it is called from within a handler. */
  post(item: T): void {
    if (this.#isHandling) {
      this.#queue.push(item);
      return;
    }
    this.#isHandling = true;
    try {
      this.#handle(item);
      while (this.#queue.length > 0) {
        const next = this.#queue.shift();
        if (next !== undefined) this.#handle(next);
      }
    } finally {
      this.#isHandling = false;
    }
  }
}
