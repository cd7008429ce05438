/** How long things took, in buckets: an addition moves two numbers and makes nothing. */
export class Histogram {
  /** Upper bounds of the buckets, milliseconds. */
  readonly boundsMs: Float64Array;
  /** How many fell into each bucket; the last one is for what was longer than all bounds. */
  readonly counts: Float64Array;
  sumMs = 0;

  constructor(boundsMs: Float64Array) {
    this.boundsMs = boundsMs;
    this.counts = new Float64Array(boundsMs.length + 1);
  }

  add(tookMs: number): void {
    const { boundsMs, counts } = this;
    let i = 0;
    while (i < boundsMs.length && tookMs > boundsMs[i]!) i++;
    counts[i]!++;
    this.sumMs += tookMs;
  }
}
