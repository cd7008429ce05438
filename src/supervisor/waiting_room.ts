/** Those who are held until an engine is ready, first come first served. */
import type { AiEngineError } from "../core/mod.ts";
import type { WantedBy } from "../lifecycle/mod.ts";

/** One who wants the engine. Unless it has left, one of `grant` and `refuse` is called, once. */
export interface Ask {
  readonly by: WantedBy;
  readonly hasLeft: () => boolean;
  readonly grant: () => void;
  readonly refuse: (error: AiEngineError) => void;
}

export interface NewAskOptions<T> {
  readonly by: WantedBy;
  /** Fires when the one who asks leaves. */
  readonly signal: AbortSignal | undefined;
  /** What a grant gives. */
  readonly take: () => T;
  readonly onLeave: (ask: Ask) => void;
}

/** An ask, and the promise of what becomes of it. */
export function newAsk<T>(options: NewAskOptions<T>): { readonly ask: Ask; answer: Promise<T> } {
  const { by, signal, take, onLeave } = options;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const leave = () => {
    onLeave(ask);
    reject(signal?.reason);
  };
  const settled = () => signal?.removeEventListener("abort", leave);
  const ask: Ask = {
    by,
    hasLeft: () => signal?.aborted === true,
    grant() {
      settled();
      resolve(take());
    },
    refuse(error) {
      settled();
      reject(error);
    },
  };
  if (ask.hasLeft()) leave();
  else signal?.addEventListener("abort", leave, { once: true });
  return { ask, answer: promise };
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

  /** All who are held, oldest first; the room is empty afterwards. */
  takeAll(): Ask[] {
    const asks = [...this.#held];
    this.#held.clear();
    return asks;
  }
}
