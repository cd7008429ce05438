import { type ByteStream, DialError, type DialFailure, type Net } from "../../src/core/mod.ts";

/** How one dial ends: with a stream, with a failure, or when the test says so. */
export type DialOutcome = ByteStream | DialFailure | Promise<ByteStream>;

/** A network on which a test decides how each dial ends, in order. */
export class ScriptedNet implements Net {
  readonly #outcomes: DialOutcome[];
  #dials = 0;

  constructor(...outcomes: DialOutcome[]) {
    this.#outcomes = outcomes;
  }

  /** Adds how the dials after those known end. */
  add(...outcomes: DialOutcome[]): void {
    this.#outcomes.push(...outcomes);
  }

  /** How often it was dialed. */
  get dials(): number {
    return this.#dials;
  }

  connectUnix(path: string): Promise<ByteStream> {
    const outcome = this.#outcomes[this.#dials++];
    if (outcome === undefined) throw new RangeError(`dial ${this.#dials} has no script`);
    if (typeof outcome !== "string") return Promise.resolve(outcome);
    return Promise.reject(new DialError(outcome, `scripted: ${outcome} at ${path}`));
  }
}
