/** A soak from its start to its report. */
import type { Yard } from "../bench/yard.ts";
import { Dice } from "./dice.ts";
import { Disturber } from "./disturber.ts";
import type { Holdings } from "./holdings.ts";
import { Player } from "./player.ts";
import { settle } from "./settle.ts";
import { type MemoryFacts, Subject } from "./subject.ts";
import { Supply } from "./supply.ts";
import { Tally } from "./tally.ts";
import { Troubles } from "./troubles.ts";
import { Verdict } from "./verdict.ts";
import { Watch } from "./watch.ts";

/** Clients at a time. */
const CLIENTS = 64;

/** A tenth of all requests come first and are left out of the comparison of memory. */
const WARM_UP_SHARE = 0.1;

/** Fewer requests than that are one stretch: what grows with the first ones is no leak. */
const LEAST_COMPARED = 20_000;

export interface SoakOptions {
  readonly requests: number;
  readonly seed: number;
  /** @default the program from source */
  readonly executable?: string;
  /** Told once a second. */
  readonly onProgress: (line: string) => void;
  /** Told of each failure, up to a number of them. */
  readonly onFailure: (line: string) => void;
}

export interface SoakReport {
  readonly tally: Tally;
  readonly troubles: Troubles;
  readonly seconds: number;
  /** With the engine ready, before the first request. */
  readonly before: Holdings;
  readonly after: Holdings;
  /** `null` when there were too few requests to compare. */
  readonly memory: { readonly before: MemoryFacts; readonly after: MemoryFacts } | null;
}

export async function runSoak(yard: Yard, options: SoakOptions): Promise<SoakReport> {
  await using subject = await Subject.start(yard, { ...options, isInspected: true });
  await subject.change("start");
  const before = await settle(subject);
  const tally = new Tally(options.onFailure);
  const run = new Run(subject, options, tally);
  const began = performance.now();
  const isCompared = options.requests >= LEAST_COMPARED;
  let warm: MemoryFacts | undefined;
  if (isCompared) {
    await run.play(Math.ceil(options.requests * WARM_UP_SHARE));
    await settle(subject, before.descriptors);
    warm = await subject.memory();
  }
  await run.play(options.requests);
  const after = await settle(subject, before.descriptors);
  const memory = warm === undefined ? null : { before: warm, after: await subject.memory() };
  const seconds = (performance.now() - began) / 1_000;
  return { tally, troubles: run.troubles, seconds, before, after, memory };
}

/** All clients and the trouble. */
class Run {
  readonly troubles = new Troubles();
  readonly #subject: Subject;
  readonly #options: SoakOptions;
  readonly #tally: Tally;
  readonly #supply: Supply;
  readonly #disturber: Disturber;

  constructor(subject: Subject, options: SoakOptions, tally: Tally) {
    this.#subject = subject;
    this.#options = options;
    this.#tally = tally;
    this.#supply = new Supply(options.seed);
    this.#disturber = new Disturber({
      subject,
      troubles: this.troubles,
      dice: new Dice(options.seed),
      every: Math.min(10_000, Math.max(500, options.requests / 40)),
      onFailure: (error) => tally.fail(`seed ${options.seed}: ${error}`),
    });
  }

  /** Goes on until there were `requests` requests in all, each accounted for. */
  async play(requests: number): Promise<void> {
    this.#supply.allow(requests);
    using watch = new Watch();
    const { seed } = this.#options;
    const verdict = new Verdict({ seed, tally: this.#tally, troubles: this.troubles });
    const timer = setInterval(() => this.#tell(), 1_000);
    try {
      const { address } = this.#subject;
      const players = Array.from(
        { length: CLIENTS },
        () => new Player({ address, watch, verdict }),
      );
      await Promise.all(players.map((player) => this.#keepPlaying(player)));
      await this.#disturber.done();
    } finally {
      clearInterval(timer);
      this.#tell();
    }
  }

  async #keepPlaying(player: Player): Promise<void> {
    for (;;) {
      const session = this.#supply.next();
      if (session === undefined) return;
      await player.play(session);
      this.#disturber.onRequests(this.#supply.requests);
    }
  }

  #tell(): void {
    const { passed, failed } = this.#tally;
    const troubles = [...this.troubles.counts].map(([kind, count]) => `, ${count} × ${kind}`);
    this.#options.onProgress(
      `${passed + failed} of ${this.#options.requests} requests, ${failed} failed${
        troubles.join("")
      }`,
    );
  }
}
