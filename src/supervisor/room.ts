/**
 * Who may start: engines claim room before they do, first come first served, and get it when those that
 * nobody uses have made place.
 *
 * @module
 */
import type { SwapSettings } from "../config/mod.ts";
import { AdmissionError, type Clock } from "../core/mod.ts";
import { DeadlineTimer } from "./deadline_timer.ts";
import {
  type Budget,
  type Claim,
  neverFits,
  planRoom,
  type Size,
  type Tenant,
  type Use,
} from "./room_plan.ts";

/** An engine as it is seen here. */
export interface Lodger {
  readonly name: string;
  readonly claim: Claim;
  /** How it is used; `null` = it does not run and has nothing. */
  readonly use: Use | null;
  /** Stops it, so that others may start; those who wait for it keep their places. */
  evict(): void;
  /** While it is held back new requests wait, so that it comes to rest. */
  holdBack(isHeldBack: boolean): void;
  /** There is room for it. */
  enter(): void;
}

export interface RoomOptions {
  /** What runs besides those who were let in, and is not to be stopped for others. */
  readonly beside: () => readonly Tenant[];
  readonly budget: Budget;
  readonly swap: SwapSettings;
  readonly clock: Clock;
}

export class Room {
  readonly #clock: Clock;
  readonly #beside: () => readonly Tenant[];
  #budget: Budget;
  #swap: SwapSettings;
  /** Who waits for room, and since when, in order. */
  readonly #claims = new Map<Lodger, number>();
  /** Who has been let in and does not run yet, or still does. */
  readonly #inside = new Set<Lodger>();
  readonly #heldBack = new Set<Lodger>();
  readonly #timer: DeadlineTimer;
  #isLooking = false;
  #isAskedAgain = false;

  constructor({ beside, budget, swap, clock }: RoomOptions) {
    this.#clock = clock;
    this.#beside = beside;
    this.#budget = budget;
    this.#swap = swap;
    this.#timer = new DeadlineTimer(clock, () => this.look());
  }

  /** From the next {@linkcode look} on. */
  configure({ budget, swap }: Pick<RoomOptions, "budget" | "swap">): void {
    this.#budget = budget;
    this.#swap = swap;
  }

  /** How long an engine stays once it is ready, whoever needs its room. */
  get minStayMs(): number {
    return this.#swap.minStayMs;
  }

  /** Whether anybody needs to know what engines have in memory. */
  get measuresMemory(): boolean {
    return this.#budget.memoryBytes !== null;
  }

  /** Whether there is room without anybody's having to make some. */
  fits(claim: Claim): boolean {
    const context = { tenants: this.#tenants(), budget: this.#budget, now: this.#clock.now() };
    return planRoom(claim, context).kind === "fits";
  }

  /** Why there never is room for it; `null` = there may be. */
  refusalOf({ name, claim }: Pick<Lodger, "name" | "claim">): AdmissionError | null {
    const pool = neverFits(claim, this.#budget);
    return pool === null ? null : overBudget({ name, claim, pool, budget: this.#budget });
  }

  /**
   * Whether it may start now; else `enter` is called when it may.
   *
   * @throws {AdmissionError} `over_budget` when it never can.
   */
  claim(lodger: Lodger): boolean {
    if (this.#inside.has(lodger)) return true;
    const refusal = this.refusalOf(lodger);
    if (refusal !== null) throw refusal;
    if (!this.#claims.has(lodger)) this.#claims.set(lodger, this.#clock.now());
    this.#isAskedAgain = true;
    this.look(lodger);
    return this.#inside.has(lodger);
  }

  /** It runs already, in room that was taken beside. */
  settle(lodger: Lodger): void {
    this.#claims.delete(lodger);
    this.#inside.add(lodger);
  }

  /** It wants no room any more, or has given up what it had. */
  leave(lodger: Lodger): void {
    const isChange = this.#claims.delete(lodger) || this.#inside.delete(lodger);
    if (!isChange) return;
    this.#isAskedAgain = true;
    this.look();
  }

  /** Something has changed: looks who may enter. `asking` is told by what `claim` returns. */
  look(asking?: Lodger): void {
    if (this.#claims.size === 0 && this.#heldBack.size === 0) return this.#timer.stop();
    // What is done about it changes things, too: once more, then, but not in the middle.
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      do {
        this.#isAskedAgain = false;
        const entering = this.#lookOnce();
        for (const lodger of entering) if (lodger !== asking) lodger.enter();
        // Who asked or left in the middle was put off until now.
      } while (this.#isAskedAgain);
    } finally {
      this.#isLooking = false;
    }
  }

  #lookOnce(): readonly Lodger[] {
    const [budget, swap] = [this.#budget, this.#swap];
    const now = this.#clock.now();
    const entering: Lodger[] = [];
    const wantedAway = new Set<Lodger>();
    let nextLookAt = Infinity;
    // Who came earlier has its room before who came later, though it may still wait for it.
    const promised: Tenant[] = [];
    for (const [lodger, since] of [...this.#claims]) {
      const { claim, name } = lodger;
      const tenants = [...this.#tenants(), ...promised];
      const plan = planRoom(claim, { tenants, budget, now });
      if (plan.kind === "fits") {
        this.#claims.delete(lodger);
        this.#inside.add(lodger);
        entering.push(lodger);
        continue;
      }
      promised.push({ ...claim, name, use: { kind: "pinned" } });
      const names = plan.kind === "stop" ? plan.names : plan.inTheWay;
      const inTheWay = [...this.#inside].filter((one) => names.includes(one.name));
      if (plan.kind === "stop") { for (const one of inTheWay) one.evict(); }
      else if (since + swap.maxWaitMs <= now) { for (const one of inTheWay) wantedAway.add(one); }
      else nextLookAt = Math.min(nextLookAt, since + swap.maxWaitMs);
      if (plan.kind === "wait") nextLookAt = Math.min(nextLookAt, plan.until ?? Infinity);
    }
    this.#holdBack(wantedAway);
    if (nextLookAt === Infinity) this.#timer.stop();
    else this.#timer.set(nextLookAt);
    return entering;
  }

  #tenants(): Tenant[] {
    const inside = Array.from(this.#inside, ({ name, claim, use }): Tenant => {
      // Let in, and about to start.
      return { ...claim, name, use: use ?? { kind: "used" } };
    });
    return [...inside, ...this.#beside()];
  }

  #holdBack(lodgers: ReadonlySet<Lodger>): void {
    for (const lodger of this.#heldBack) {
      if (lodgers.has(lodger)) continue;
      this.#heldBack.delete(lodger);
      lodger.holdBack(false);
    }
    for (const lodger of lodgers) {
      if (this.#heldBack.has(lodger)) continue;
      this.#heldBack.add(lodger);
      lodger.holdBack(true);
    }
  }
}

function overBudget(
  { name, claim, pool, budget }: Pick<Lodger, "name" | "claim"> & {
    readonly pool: keyof Size;
    readonly budget: Budget;
  },
): AdmissionError {
  const what = pool === "memoryBytes" ? "memory" : "vram";
  return new AdmissionError("over_budget", {
    engine: name,
    detail:
      `${name} takes ${gib(claim.size[pool])} of ${what}, and all engines together may have ` +
      `${gib(budget[pool] ?? 0)}.`,
    remedy: `Raise budget.${what}, or correct size.${what} of the engine.`,
  });
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
