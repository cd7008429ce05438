/** The clients of the chaos: so many requests a second, whatever becomes of them. */
import type { Dice } from "../soak/dice.ts";
import type { Tally } from "../soak/tally.ts";
import { Watch } from "../soak/watch.ts";
import { type Ask, drawAsk } from "./ask.ts";
import type { Cast, Character } from "./cast.ts";
import { type Answered, exchange } from "./exchange.ts";
import type { Subject } from "./subject.ts";
import { judge } from "./verdict.ts";

export const REQUESTS_PER_S = 200;

/**
 * No request may take longer. What adds up: a drain (5 s) and a stop (1.5 s) before it, a backoff that
 * somebody waits out (10 s), a start (10 s), a slow answer or one that hangs until its engine is ended.
 */
export const DEADLINE_MS = 30_000;

const TICK_MS = 25;

/** The request that took longest. */
export interface Slowest {
  readonly tookMs: number;
  readonly what: string;
}

export class Clients implements Disposable {
  readonly #tally: Tally;
  readonly #dice: Dice;
  readonly #watch = new Watch();
  readonly #underWay = new Set<Promise<unknown>>();
  #ids = 0;
  #slowest: Slowest = { tookMs: 0, what: "none" };

  constructor(tally: Tally, dice: Dice) {
    this.#tally = tally;
    this.#dice = dice;
  }

  /** Requests that have no end yet. */
  get underWay(): number {
    return this.#underWay.size;
  }

  get slowest(): Slowest {
    return this.#slowest;
  }

  /** Requests to any of them until `endsAt`; the last ones are still under way then. */
  async run(subjects: readonly Subject[], endsAt: number): Promise<void> {
    const beganAt = performance.now();
    for (let sent = 0, now = beganAt; now < endsAt; now = performance.now()) {
      const due = Math.floor((now - beganAt) * REQUESTS_PER_S / 1_000);
      for (; sent < due; sent++) {
        const subject = this.#oneOf(subjects);
        const role = this.#oneOf(subject.supervisor.cast.roles);
        this.send(subject, (id) => drawAsk(this.#dice, role, id));
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  /** One request more. */
  send(subject: Subject, makeAsk: (id: number) => Ask): void {
    this.#keep(this.#judged(subject, makeAsk(this.#ids++)));
  }

  /** The same, for who wants to know; `undefined` = the chaos itself has failed. */
  ask(subject: Subject, makeAsk: (id: number) => Ask): Promise<Answered | undefined> {
    const done = this.#judged(subject, makeAsk(this.#ids++));
    this.#keep(done);
    return done;
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #keep(done: Promise<unknown>): void {
    const kept = done.finally(() => this.#underWay.delete(kept));
    this.#underWay.add(kept);
  }

  async #judged(subject: Subject, ask: Ask): Promise<Answered | undefined> {
    try {
      return await this.#exchange(subject, ask);
    } catch (error) {
      this.#tally.fail(`${subject.name}: ${error} at ${JSON.stringify(ask)}`);
      return undefined;
    }
  }

  async #exchange({ name, supervisor }: Subject, ask: Ask): Promise<Answered> {
    const { address, downtimes, cast } = supervisor;
    const since = performance.now();
    const answered = await exchange(ask, { address, watch: this.#watch, deadlineMs: DEADLINE_MS });
    const tookMs = performance.now() - since;
    if (tookMs > this.#slowest.tookMs) {
      this.#slowest = { tookMs, what: `${answered.kind} of ${name} to ${JSON.stringify(ask)}` };
    }
    judge(this.#tally, {
      ask,
      character: characterOf(ask, cast),
      answered,
      wasDown: downtimes.since(since),
      where: `${name} after ${Math.round(tookMs)} ms`,
    });
    return answered;
  }

  #oneOf<T>(all: readonly T[]): T {
    const one = all[this.#dice.between(0, all.length - 1)];
    if (one === undefined) throw new RangeError("nobody to ask");
    return one;
  }
}

/** A supervisor itself is reliable. */
function characterOf(ask: Ask, { roles }: Cast): Character {
  if (ask.kind === "reload") return "steady";
  return roles.find(({ name }) => name === ask.engine)?.character ?? "bad";
}
