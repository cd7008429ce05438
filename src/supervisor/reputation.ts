import {
  afterChoice,
  afterFailure,
  afterSuccess,
  type FailureKind,
  type Standing,
  TRUSTED,
} from "../balance/mod.ts";
import type { Clock, Random } from "../core/mod.ts";

/** What is thought of an instance by how its requests ended ({@linkcode Standing}). */
export class Reputation {
  readonly #ports: { readonly clock: Clock; readonly random: Random };
  readonly #tally: { ejections: number };
  #standing: Standing = TRUSTED;

  /** Each time that it loses all trust is counted in `tally`. */
  constructor(
    ports: { readonly clock: Clock; readonly random: Random },
    tally: { ejections: number },
  ) {
    this.#ports = ports;
    this.#tally = tally;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Another process: what the one before did is forgotten. */
  renew(): void {
    this.#standing = TRUSTED;
  }

  /** It has been chosen for a request. */
  onChosen(): void {
    this.#standing = afterChoice(this.#standing, this.#ports.clock.now());
  }

  /** A request has ended; `undefined` = well. Who is trusted and did well is not looked at. */
  onEnded(failure: FailureKind | undefined): void {
    if (failure === undefined && this.#standing === TRUSTED) return;
    const { clock, random } = this.#ports;
    const before = this.#standing.name;
    this.#standing = failure === undefined
      ? afterSuccess(this.#standing)
      : afterFailure(this.#standing, failure, { now: clock.now(), chance: random.fraction() });
    if (this.#standing.name === "ejected" && before !== "ejected") this.#tally.ejections++;
  }
}
