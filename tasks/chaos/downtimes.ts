/** When a supervisor was down on purpose: that explains a connection that ends without an answer. */

/** Older ones are forgotten: no request takes that long. */
const KEPT = 16;

export class Downtimes {
  /** In `performance.now()` time; `until` is `Infinity` while it is down. */
  readonly #recent: { readonly from: number; until: number }[] = [];

  begin(): void {
    this.#recent.push({ from: performance.now(), until: Infinity });
    if (this.#recent.length > KEPT) this.#recent.shift();
  }

  end(): void {
    const last = this.#recent.at(-1);
    if (last !== undefined) last.until = performance.now();
  }

  /** Whether it was down at any moment since then. */
  since(moment: number): boolean {
    return this.#recent.some(({ until }) => until >= moment);
  }
}
