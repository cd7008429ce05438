import { type Clock, type Lookout, sleep, type TimeoutError, type Watched } from "../core/mod.ts";
import type { Phase } from "./types.ts";

export interface WatchOptions {
  readonly clock: Clock;
  readonly lookout: Lookout;
  readonly signal?: AbortSignal | undefined;
  /** For everything together; `Infinity` = no limit. */
  readonly totalMs: number;
  /** Makes the error for a limit that was reached. */
  readonly timedOut: (phase: Phase, limitMs: number) => TimeoutError;
}

type State =
  | { readonly kind: "watching" }
  | { readonly kind: "interrupted"; readonly reason: unknown }
  | { readonly kind: "ended" };

const WATCHING: State = { kind: "watching" };
const ENDED: State = { kind: "ended" };
const NOTHING = () => {};

/**
 * Watches over one request: its caller's signal and the deadline of the phase it is in. Whichever
 * comes first interrupts it once, by the action at hand, usually closing the stream, which makes the
 * pending read or write reject. Nothing of it is left after {@linkcode end}.
 */
export class Watch implements EventListenerObject, Watched {
  readonly #options: WatchOptions;
  readonly #totalDeadline: number;
  #deadlineAt: number;
  #state: State = WATCHING;
  #phase: Phase = "total";
  #limitMs: number;
  #action = NOTHING;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { lookout, signal, totalMs } = options;
    this.#limitMs = totalMs;
    this.#totalDeadline = totalMs === Infinity ? Infinity : lookout.now() + totalMs;
    this.#deadlineAt = this.#totalDeadline;
    lookout.add(this);
    if (signal?.aborted) this.interrupt(signal.reason);
    else signal?.addEventListener("abort", this, { once: true });
  }

  get deadlineAt(): number {
    return this.#deadlineAt;
  }

  /** Begins `phase`, or begins its time anew. It replaces the limit of the phase before. */
  enter(phase: Phase, limitMs: number): void {
    if (this.#state !== WATCHING) return;
    const { lookout, totalMs } = this.#options;
    const deadline = lookout.now() + limitMs;
    const isTotal = deadline >= this.#totalDeadline;
    this.#phase = isTotal ? "total" : phase;
    this.#limitMs = isTotal ? totalMs : limitMs;
    this.#deadlineAt = Math.min(deadline, this.#totalDeadline);
    lookout.expect(this.#deadlineAt);
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
    const over = new AbortController();
    try {
      await this.race(sleep(this.#options.clock, ms, over.signal), NOTHING);
    } finally {
      over.abort();
    }
  }

  /** Lets go of deadline and signal; nothing is interrupted any more. */
  end(): void {
    if (this.#state !== WATCHING) return;
    this.#state = ENDED;
    this.#release();
  }

  /** Interrupts it for `reason`, unless it was before or has ended. */
  interrupt(reason: unknown): void {
    if (this.#state !== WATCHING) return;
    this.#state = { kind: "interrupted", reason };
    const action = this.#action;
    this.#release();
    action();
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.interrupt(this.#options.signal?.reason);
  }

  /** The limit was reached. */
  onDeadline(): void {
    this.interrupt(this.#options.timedOut(this.#phase, this.#limitMs));
  }

  #release(): void {
    this.#options.lookout.remove(this);
    this.#options.signal?.removeEventListener("abort", this);
    this.#action = NOTHING;
  }
}
