import { formatDuration, type Lookout, TimeoutError, type Watched } from "../core/mod.ts";
import type { Call, Payload } from "./wire.ts";

/** Limits of one call. */
export interface CallOptions {
  /** Fires when the caller leaves: the engine is told, nobody waits for it. */
  readonly signal?: AbortSignal | undefined;
  /** From now to the answer, in milliseconds. @default no limit */
  readonly totalMs?: number;
}

export interface OpenCallOptions extends CallOptions {
  readonly lookout: Lookout;
  readonly engine: string;
  /** Whoever waits for it has left or has waited long enough. */
  readonly onLeave: (call: OpenCall) => void;
}

/** One call from its begin to its answer, which comes once. */
export class OpenCall implements Watched, EventListenerObject {
  readonly call: Call;
  /** Resolves with the result; rejects with an error of ours or the reason of the signal. */
  readonly answer: Promise<Payload>;
  /** Set once it is sent. */
  id: number | null = null;
  readonly deadlineAt: number;
  readonly #options: OpenCallOptions;
  readonly #resolve: (payload: Payload) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(call: Call, options: OpenCallOptions) {
    const { lookout, signal, totalMs = Infinity } = options;
    this.call = call;
    this.#options = options;
    this.deadlineAt = totalMs === Infinity ? Infinity : lookout.now() + totalMs;
    const { promise, resolve, reject } = Promise.withResolvers<Payload>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    lookout.add(this);
    signal?.addEventListener("abort", this, { once: true });
  }

  resolve(payload: Payload): void {
    this.#letGo();
    this.#resolve(payload);
  }

  reject(reason: unknown): void {
    this.#letGo();
    this.#reject(reason);
  }

  onDeadline(): void {
    const { engine, totalMs = Infinity } = this.#options;
    this.#leave(
      new TimeoutError("total", {
        engine,
        detail: `${this.call.name} of ${engine} gave no result within ${formatDuration(totalMs)}.`,
        remedy: "See the engine's last output lines; if it only needs longer, give it longer.",
      }),
    );
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.#leave(this.#options.signal?.reason);
  }

  #leave(reason: unknown): void {
    this.reject(reason);
    this.#options.onLeave(this);
  }

  #letGo(): void {
    this.#options.lookout.remove(this);
    this.#options.signal?.removeEventListener("abort", this);
  }
}
