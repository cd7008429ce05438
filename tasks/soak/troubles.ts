/** What was done to the engine on purpose, and which failures that explains. */

/** `restart` through the API lets requests in flight end, so it explains none. */
export type TroubleKind = "restart" | "kill" | "stop";

/** Codes of the errors that a request may meet, and whether its answer may break off. */
const EXPLAINED: Readonly<
  Record<TroubleKind, { readonly codes: readonly string[]; readonly cuts: boolean }>
> = {
  restart: { codes: [], cuts: false },
  kill: { codes: ["crashed", "upstream_failed", "backoff", "502", "503"], cuts: true },
  stop: { codes: ["stopped_by_user", "503"], cuts: false },
};

interface Trouble {
  readonly kind: TroubleKind;
  /** In `performance.now()` time; `until` is `Infinity` while it goes on. */
  readonly from: number;
  until: number;
}

/** Older ones are forgotten: no request takes that long. */
const KEPT = 8;

export class Troubles {
  readonly #recent: Trouble[] = [];
  readonly #counts = new Map<TroubleKind, number>();

  get counts(): ReadonlyMap<TroubleKind, number> {
    return this.#counts;
  }

  /** Runs `work`, which ends when the engine is ready again. */
  async during(kind: TroubleKind, work: () => Promise<void>): Promise<void> {
    const trouble: Trouble = { kind, from: performance.now(), until: Infinity };
    this.#recent.push(trouble);
    if (this.#recent.length > KEPT) this.#recent.shift();
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    await work();
    trouble.until = performance.now();
  }

  /** The kind that explains an error with `code` to a request that was made at `since`. */
  explainError(code: string, since: number): TroubleKind | undefined {
    return this.#find(since, (kind) => EXPLAINED[kind].codes.includes(code));
  }

  /** The kind that explains an answer that broke off. */
  explainCut(since: number): TroubleKind | undefined {
    return this.#find(since, (kind) => EXPLAINED[kind].cuts);
  }

  #find(since: number, fits: (kind: TroubleKind) => boolean): TroubleKind | undefined {
    return this.#recent.find(({ kind, until }) => until >= since && fits(kind))?.kind;
  }
}
