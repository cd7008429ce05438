/** Stands in for the global timers and clocks, so that a test can let years pass. */
interface Pending {
  readonly id: number;
  readonly callback: () => void;
  readonly everyMs: number | null;
  at: number;
}

export class VirtualTimers {
  /** What `performance.now()` says. */
  nowMs = 0;
  /** What `Date.now()` says when `performance.now()` says 0; people set clocks. */
  wallStartMs = Date.UTC(2025, 0, 1);
  /** The delays that were asked for. */
  readonly delays: number[] = [];
  readonly #pending = new Map<number, Pending>();
  #id = 0;

  /** Puts itself in the place of the globals until it is disposed of. */
  install(): Disposable {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    const { now } = performance;
    const { now: wall } = Date;
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, ms: number) => this.#set(callback, ms, null),
      setInterval: (callback: () => void, ms: number) => this.#set(callback, ms, ms),
      clearTimeout: (id: number) => this.#pending.delete(id),
      clearInterval: (id: number) => this.#pending.delete(id),
    });
    performance.now = () => this.nowMs;
    Date.now = () => this.wallStartMs + this.nowMs;
    return {
      [Symbol.dispose]: () => {
        Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
        performance.now = now;
        Date.now = wall;
      },
    };
  }

  /** Puts itself in the place of the globals while `use` runs. */
  during(use: () => void): void {
    using _ = this.install();
    use();
  }

  get waiting(): number {
    return this.#pending.size;
  }

  /** Lets time pass up to `ms`, firing what falls due at its own moment. */
  runTo(ms: number): void {
    while (this.fireNext(ms));
    this.nowMs = ms;
  }

  /** Lets time pass in which nothing runs, as in a suspend. */
  jumpTo(ms: number): void {
    this.nowMs = ms;
    this.runTo(ms);
  }

  /** Goes on to what falls due next, by `ms` at the latest, and fires it; whether there was any. */
  fireNext(ms: number): boolean {
    let next: Pending | undefined;
    for (const pending of this.#pending.values()) {
      if (pending.at <= ms && (next === undefined || pending.at < next.at)) next = pending;
    }
    if (next === undefined) return false;
    this.nowMs = Math.max(this.nowMs, next.at);
    if (next.everyMs === null) this.#pending.delete(next.id);
    else next.at = this.nowMs + next.everyMs;
    next.callback();
    return true;
  }

  #set(callback: () => void, ms: number, everyMs: number | null): number {
    // As the real one: more does not fit into 32 bits and fires at once.
    const delay = ms > 2 ** 31 - 1 ? 1 : ms > 0 ? ms : 0;
    const id = ++this.#id;
    this.delays.push(ms);
    this.#pending.set(id, { id, callback, everyMs, at: this.nowMs + delay });
    return id;
  }
}
