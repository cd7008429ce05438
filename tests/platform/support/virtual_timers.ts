/** Stands in for the global timers and `performance.now`, so that a test can let years pass. */
interface Pending {
  readonly callback: () => void;
  readonly everyMs: number | null;
  at: number;
}

export class VirtualTimers {
  /** What `performance.now()` says. */
  nowMs = 0;
  /** The delays that were asked for. */
  readonly delays: number[] = [];
  readonly #pending = new Map<number, Pending>();
  #id = 0;

  /** Puts itself in the place of the globals while `use` runs. */
  during(use: () => void): void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    const now = performance.now;
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, ms: number) => this.#set(callback, ms, null),
      setInterval: (callback: () => void, ms: number) => this.#set(callback, ms, ms),
      clearTimeout: (id: number) => this.#pending.delete(id),
      clearInterval: (id: number) => this.#pending.delete(id),
    });
    performance.now = () => this.nowMs;
    try {
      use();
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
      performance.now = now;
    }
  }

  get waiting(): number {
    return this.#pending.size;
  }

  /** Lets time pass up to `ms`, firing what falls due at its own moment. */
  runTo(ms: number): void {
    for (let next = this.#next(ms); next !== undefined; next = this.#next(ms)) {
      this.nowMs = Math.max(this.nowMs, next[1].at);
      this.#fire(...next);
    }
    this.nowMs = ms;
  }

  /** Lets time pass in which nothing runs, as in a suspend. */
  jumpTo(ms: number): void {
    this.nowMs = ms;
    this.runTo(ms);
  }

  #set(callback: () => void, ms: number, everyMs: number | null): number {
    // As the real one: more does not fit into 32 bits and fires at once.
    const delay = ms > 2 ** 31 - 1 ? 1 : ms > 0 ? ms : 0;
    this.delays.push(ms);
    this.#pending.set(++this.#id, { callback, everyMs, at: this.nowMs + delay });
    return this.#id;
  }

  #next(ms: number): [number, Pending] | undefined {
    let first: [number, Pending] | undefined;
    for (const entry of this.#pending) {
      if (entry[1].at <= ms && (first === undefined || entry[1].at < first[1].at)) first = entry;
    }
    return first;
  }

  #fire(id: number, pending: Pending): void {
    if (pending.everyMs === null) this.#pending.delete(id);
    else pending.at = this.nowMs + pending.everyMs;
    pending.callback();
  }
}
