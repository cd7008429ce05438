import type { Clock, Timer } from "../core/mod.ts";

/** How long an engine may take to ask for the body; many never do (RFC 9110 section 10.1.1). */
export const CONTINUE_MS = 1_000;

/** With `Expect: 100-continue` the body is asked for when the engine asks for it, or after a second. */
export class ContinueWait {
  /** Resolves when the body may be asked for, or when nobody waits any more. */
  readonly over: Promise<void>;
  readonly #resolve: () => void;
  readonly #timer: Timer;

  constructor(clock: Clock) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#resolve = resolve;
    this.#timer = clock.at(clock.now() + CONTINUE_MS, resolve);
  }

  /** The engine has said 100, or it does not matter any more. */
  end(): void {
    this.#timer.cancel();
    this.#resolve();
  }
}
