/** The real clock. */
import type { Clock, Timer } from "../core/mod.ts";
import { AwakeTime, BEAT_MS } from "./awake_time.ts";

/** The longest delay that setTimeout takes without overflowing. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export interface SystemClockOptions {
  /** Told once per suspend, with the length of the gap in milliseconds. */
  readonly onGap?: (gapMs: number) => void;
}

export class SystemClock implements Clock {
  readonly #time: AwakeTime;
  readonly #beat: ReturnType<typeof setInterval>;

  constructor(options: SystemClockOptions = {}) {
    this.#time = new AwakeTime(performance.now(), options.onGap ?? (() => {}));
    this.#beat = setInterval(() => this.now(), BEAT_MS);
  }

  now(): number {
    return this.#time.at(performance.now());
  }

  wall(): number {
    return Date.now();
  }

  at(deadline: number, callback: () => void): Timer {
    let id: ReturnType<typeof setTimeout>;
    const arm = () => {
      const delay = Math.min(Math.max(deadline - this.now(), 0), MAX_DELAY_MS);
      id = setTimeout(() => {
        // Early when the delay was cut, rounded down, or the machine was suspended meanwhile.
        if (this.now() < deadline) arm();
        else callback();
      }, Math.ceil(delay));
    };
    arm();
    return { cancel: () => clearTimeout(id) };
  }

  /** Stops the beat. */
  close(): void {
    clearInterval(this.#beat);
  }
}
