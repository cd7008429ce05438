/** Sees to it that nobody waits for ever. */

/** Something that is to have happened by `deadlineAt`, in `performance.now()` time. */
export interface Watched {
  deadlineAt: number;
  isOverdue: boolean;
  /** Ends the wait. */
  close(): void;
}

const GRAIN_MS = 250;

/** All waits of the soak on one timer. */
export class Watch implements Disposable {
  readonly #watched = new Set<Watched>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#timer = setInterval(() => this.#look(), GRAIN_MS);
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
  }

  remove(watched: Watched): void {
    this.#watched.delete(watched);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    for (const watched of this.#watched) {
      if (watched.deadlineAt > now || watched.isOverdue) continue;
      watched.isOverdue = true;
      watched.close();
    }
  }
}
