/** Those who are held until an engine is ready, first come first served. */
import type { AiEngineError } from "../core/mod.ts";
import type { WantedBy } from "../lifecycle/mod.ts";

/** One who wants the engine. Unless it has left, one of `grant` and `refuse` is called, once. */
export interface Ask {
  readonly by: WantedBy;
  /** How long it waits for another process after a failure, in the clock's time. */
  readonly until: number;
  readonly hasLeft: () => boolean;
  readonly grant: () => void;
  readonly refuse: (error: AiEngineError) => void;
}

export interface NewAskOptions<T> {
  readonly by: WantedBy;
  readonly until: number;
  /** Fires when the one who asks leaves. */
  readonly signal: AbortSignal | undefined;
  /** What a grant gives. */
  readonly take: () => T;
  readonly onLeave: (ask: Ask) => void;
}

/** What became of an ask. */
type Outcome<T> =
  | { readonly kind: "open" }
  | { readonly kind: "granted"; readonly value: T }
  | { readonly kind: "refused"; readonly error: unknown };

/** An ask whose answer may be there at once: what is not held costs no promise. */
export class NewAsk<T> implements Ask {
  readonly by: WantedBy;
  readonly until: number;
  readonly #options: NewAskOptions<T>;
  #outcome: Outcome<T> = { kind: "open" };
  #settle: (() => void) | undefined;

  constructor(options: NewAskOptions<T>) {
    this.by = options.by;
    this.until = options.until;
    this.#options = options;
  }

  hasLeft(): boolean {
    return this.#options.signal?.aborted === true;
  }

  grant(): void {
    this.#outcome = { kind: "granted", value: this.#options.take() };
    this.#settle?.();
  }

  refuse(error: AiEngineError): void {
    this.#outcome = { kind: "refused", error };
    this.#settle?.();
  }

  /** Once it was posted: what was granted, or a promise of it. Throws or rejects what refused it. */
  answer(): T | Promise<T> {
    if (this.#outcome.kind === "granted") return this.#outcome.value;
    if (this.#outcome.kind === "refused") throw this.#outcome.error;
    return this.#answerLater();
  }

  #answerLater(): Promise<T> {
    const { signal, onLeave } = this.#options;
    return new Promise((resolve, reject) => {
      const leave = () => {
        onLeave(this);
        reject(signal?.reason);
      };
      if (this.hasLeft()) return leave();
      signal?.addEventListener("abort", leave, { once: true });
      this.#settle = () => {
        signal?.removeEventListener("abort", leave);
        if (this.#outcome.kind === "granted") resolve(this.#outcome.value);
        if (this.#outcome.kind === "refused") reject(this.#outcome.error);
      };
    });
  }
}

export class WaitingRoom {
  readonly #held = new Set<Ask>();

  get size(): number {
    return this.#held.size;
  }

  /** Who waits longest. */
  get first(): WantedBy | null {
    for (const ask of this.#held) return ask.by;
    return null;
  }

  add(ask: Ask): void {
    this.#held.add(ask);
  }

  /** Gives up a place; one that is not held is fine. */
  remove(ask: Ask): void {
    this.#held.delete(ask);
  }

  /** Those who do not wait until `at`, oldest first; the others stay. */
  takeImpatient(at: number): Ask[] {
    const asks = [...this.#held].filter(({ until }) => until < at);
    for (const ask of asks) this.#held.delete(ask);
    return asks;
  }

  /** All who are held, oldest first; the room is empty afterwards. */
  takeAll(): Ask[] {
    const asks = [...this.#held];
    this.#held.clear();
    return asks;
  }
}
