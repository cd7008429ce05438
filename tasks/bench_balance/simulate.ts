/**
 * Requests that come by chance to several servers, in simulated time whose unit is the mean service
 * time: Poisson arrivals, log-normal service (mean 1, sigma 1), first come first served.
 *
 * @module
 */
import {
  afterChoice,
  afterFailure,
  afterSuccess,
  type Candidate,
  TRUSTED,
} from "../../src/balance/mod.ts";
import { Dice } from "../soak/dice.ts";
import { Agenda } from "./agenda.ts";
import type { Strategy } from "./strategies.ts";

export interface Server {
  readonly slots: number;
  /** 1 = mean service time 1, 0.25 = four times slower. */
  readonly speed: number;
  /** Fails whatever it gets, at once. */
  readonly fails?: boolean;
}

export interface Case {
  readonly name: string;
  readonly servers: readonly Server[];
  /** Arrivals as a share of what all can do together. */
  readonly load: number;
}

export interface Policy {
  readonly choose: Strategy;
  /**
   * `pull`: who asks waits until a slot is free. `push`: every request is given to a server at once and
   * waits there.
   */
  readonly waits: "pull" | "push";
  /** Whether a server's weight is known. @default all weigh the same */
  readonly knowsWeights?: boolean;
  /** Whether servers that fail are ejected. */
  readonly ejects?: boolean;
}

export interface Outcome {
  /** From arrival to answer, in mean service times; of requests that did not fail. */
  readonly times: Float64Array;
  /** Share of the requests that each server got. */
  readonly shares: readonly number[];
}

/** A mean service time, in the milliseconds that ejections are counted in. */
const UNIT_MS = 100;
const FAILING_TAKES = 0.01;

interface Request {
  readonly arrival: number;
  /** What it takes of a server of speed 1. */
  readonly service: number;
}

interface Seat {
  readonly server: Server;
  candidate: { -readonly [K in keyof Candidate]: Candidate[K] };
  taken: number;
  /** Those who were pushed and wait. */
  readonly line: Request[];
}

export function simulate(it: Case, policy: Policy, options: { seed: number; requests: number }) {
  return new Run(it, policy, options).outcome();
}

class Run {
  readonly #policy: Policy;
  /** Arrivals and services: the same under every policy. */
  readonly #requests: Dice;
  readonly #dice: Dice;
  readonly #seats: Seat[];
  readonly #agenda = new Agenda<() => void>();
  readonly #waiting: Request[] = [];
  /** Of `#waiting`, those before it are gone. */
  #head = 0;
  readonly #times: number[] = [];
  readonly #meanGap: number;
  #left: number;
  #now = 0;

  constructor(it: Case, policy: Policy, { seed, requests }: { seed: number; requests: number }) {
    this.#policy = policy;
    this.#requests = new Dice(seed);
    this.#dice = new Dice(~seed);
    this.#left = requests;
    const capacity = it.servers.reduce((sum, { slots, speed }) => sum + slots * speed, 0);
    this.#meanGap = 1 / (capacity * it.load);
    this.#seats = it.servers.map((server) => ({
      server,
      candidate: {
        inflight: 0,
        slots: policy.waits === "push" ? Infinity : server.slots,
        weight: policy.knowsWeights === true ? server.speed : 1,
        standing: TRUSTED,
      },
      taken: 0,
      line: [],
    }));
  }

  outcome(): Outcome {
    this.#agenda.add(0, () => this.#arrive());
    for (let next = this.#agenda.take(); next !== undefined; next = this.#agenda.take()) {
      this.#now = next.at;
      next.what();
    }
    const all = this.#seats.reduce((sum, { taken }) => sum + taken, 0);
    return {
      times: Float64Array.from(this.#times),
      shares: this.#seats.map(({ taken }) => taken / all),
    };
  }

  #arrive(): void {
    if (this.#left-- === 0) return;
    const gap = -Math.log(1 - this.#requests.roll()) * this.#meanGap;
    this.#agenda.add(this.#now + gap, () => this.#arrive());
    this.#waiting.push({ arrival: this.#now, service: this.#service() });
    this.#assign();
  }

  #assign(): void {
    while (this.#head < this.#waiting.length) {
      const now = this.#now * UNIT_MS;
      const candidates = this.#seats.map(({ candidate }) => candidate);
      const place = this.#policy.choose(candidates, { now, chance: this.#dice.roll() });
      const seat = this.#seats[place ?? -1];
      if (seat === undefined) return;
      const request = this.#waiting[this.#head++]!;
      seat.candidate.standing = afterChoice(seat.candidate.standing, now);
      seat.candidate.inflight++;
      seat.taken++;
      if (seat.candidate.inflight > seat.server.slots) seat.line.push(request);
      else this.#serve(seat, request);
    }
  }

  #serve(seat: Seat, { arrival, service }: Request): void {
    const takes = seat.server.fails === true ? FAILING_TAKES : service / seat.server.speed;
    this.#agenda.add(this.#now + takes, () => this.#finish(seat, arrival));
  }

  #finish(seat: Seat, arrival: number): void {
    const { candidate, line, server } = seat;
    candidate.inflight--;
    if (server.fails !== true) this.#times.push(this.#now - arrival);
    if (this.#policy.ejects === true) {
      const moment = { now: this.#now * UNIT_MS, chance: this.#dice.roll() };
      candidate.standing = server.fails === true
        ? afterFailure(candidate.standing, "local", moment)
        : afterSuccess(candidate.standing);
    }
    const next = line.shift();
    if (next !== undefined) this.#serve(seat, next);
    this.#assign();
  }

  /** Log-normal with mean 1 and sigma 1. */
  #service(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#requests.roll()));
    return Math.exp(radius * Math.cos(2 * Math.PI * this.#requests.roll()) - 0.5);
  }
}
