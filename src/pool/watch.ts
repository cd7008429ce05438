import type { Clock, TimeoutError, Timer } from "../core/mod.ts";

/** What a request is waiting for. */
export type Phase = TimeoutError["phase"];

export interface WatchOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** For everything together; `Infinity` = no limit. */
  readonly totalMs: number;
  /** Makes the error for a limit that was reached. */
  readonly timedOut: (phase: Phase, limitMs: number) => TimeoutError;
}

/** A limit at work. */
interface Limit {
  readonly phase: Phase;
  readonly limitMs: number;
  readonly deadline: number;
}

type State =
  | { readonly kind: "watching" }
  | { readonly kind: "interrupted"; readonly reason: unknown }
  | { readonly kind: "ended" };

/**
 * Watches over one request: its caller's signal and the deadline of the phase it is in. Whichever
 * comes first interrupts it once, by the action at hand, usually closing the stream, which makes the
 * pending read or write reject. One timer at most; none is left after {@linkcode end}.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #total: Limit;
  #state: State = { kind: "watching" };
  #limit: Limit;
  #timer: Timer | undefined;
  #timerAt = Infinity;
  #action: () => void = () => {};

  constructor(options: WatchOptions) {
    this.#options = options;
    const { clock, signal, totalMs } = options;
    this.#total = { phase: "total", limitMs: totalMs, deadline: clock.now() + totalMs };
    this.#limit = this.#total;
    if (signal?.aborted) this.#interrupt(signal.reason);
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Begins `phase`, or begins its time anew. It replaces the limit of the phase before. */
  enter(phase: Phase, limitMs: number): void {
    if (this.#state.kind !== "watching") return;
    const deadline = this.#options.clock.now() + limitMs;
    this.#limit = deadline < this.#total.deadline ? { phase, limitMs, deadline } : this.#total;
    if (this.#limit.deadline < this.#timerAt) this.#arm();
  }

  /** Sets what an interruption does, in place of what was set before; at once if it has happened. */
  onInterrupt(action: () => void): void {
    if (this.#state.kind === "interrupted") action();
    else this.#action = action;
  }

  /** Why it was interrupted: the caller's reason, or the error of the limit that was reached. */
  get interruption(): { readonly reason: unknown } | undefined {
    return this.#state.kind === "interrupted" ? this.#state : undefined;
  }

  /** Throws the reason of the interruption, if there was one. */
  throwIfInterrupted(): void {
    if (this.interruption !== undefined) throw this.interruption.reason;
  }

  /**
   * Waits for `promise`, which can't be called off; rejects when interrupted. A value that comes
   * after that goes to `discard`.
   */
  race<T>(promise: Promise<T>, discard: (value: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      promise.then((value) => isLate ? discard(value) : resolve(value), reject);
      this.onInterrupt(() => {
        isLate = true;
        reject(this.interruption?.reason);
      });
    });
  }

  /** Waits `ms` milliseconds; rejects when interrupted. */
  async pause(ms: number): Promise<void> {
    const { clock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.at(clock.now() + ms, resolve);
    try {
      await this.race(promise, () => {});
    } finally {
      timer.cancel();
    }
  }

  /** Lets go of timer and signal; nothing is interrupted any more. */
  end(): void {
    if (this.#state.kind === "watching") this.#state = { kind: "ended" };
    this.#release();
  }

  readonly #onAbort = () => this.#interrupt(this.#options.signal?.reason);

  #interrupt(reason: unknown): void {
    if (this.#state.kind !== "watching") return;
    this.#state = { kind: "interrupted", reason };
    const action = this.#action;
    this.#release();
    action();
  }

  #release(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#action = () => {};
  }

  /** A deadline that moves away leaves the timer as it is: it looks again when it fires. */
  #arm(): void {
    this.#timer?.cancel();
    this.#timerAt = this.#limit.deadline;
    this.#timer = this.#options.clock.at(this.#timerAt, () => this.#onTimer());
  }

  #onTimer(): void {
    const { phase, limitMs, deadline } = this.#limit;
    if (this.#options.clock.now() >= deadline) {
      this.#interrupt(this.#options.timedOut(phase, limitMs));
    } else if (deadline < Infinity) {
      this.#arm();
    } else {
      this.#timerAt = Infinity;
    }
  }
}
