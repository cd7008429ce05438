/** The sessions of a soak, in their order. */
import { Dice } from "./dice.ts";
import { drawSession, requestsOf, type Session } from "./plan.ts";

/** Far enough apart that two seeds have no session in common. */
const SEED_STEP = 0x27d4eb2f;

export class Supply {
  readonly #seed: number;
  #sessions = 0;
  #requests = 0;
  #limit = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Requests that were handed out. */
  get requests(): number {
    return this.#requests;
  }

  /** Lets sessions out until there were so many requests in all. */
  allow(requests: number): void {
    this.#limit = requests;
  }

  next(): Session | undefined {
    const left = this.#limit - this.#requests;
    if (left <= 0) return undefined;
    const dice = new Dice((Math.imul(this.#seed, SEED_STEP) + this.#sessions++) | 0);
    const session = shorten(drawSession(dice, this.#requests), left);
    this.#requests += requestsOf(session);
    return session;
  }
}

function shorten(session: Session, most: number): Session {
  return "asks" in session ? { ...session, asks: session.asks.slice(0, most) } : session;
}
