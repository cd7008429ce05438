/** Reloads of one supervisor's configuration, and what each of them may change and what not. */
import { equal } from "@std/assert";
import type { Dice } from "../soak/dice.ts";
import type { Tally } from "../soak/tally.ts";
import { isReliable, type Role } from "./cast.ts";
import { type ConfigFile, FLAWS } from "./config_file.ts";
import type { Answered } from "./exchange.ts";
import { type Process, variableOf } from "./process_table.ts";
import type { Supervisor } from "./supervisor.ts";
import { isSoon, pause } from "./waits.ts";

export const RELOADS = [
  "another environment",
  "an engine more or less",
  "nothing new",
  "a bad file",
  "not waited for",
] as const;

export type Reload = typeof RELOADS[number];

export interface ReloadsOptions {
  readonly supervisor: Supervisor;
  readonly file: ConfigFile;
  readonly dice: Dice;
  readonly tally: Tally;
  /** The supervisor's. */
  readonly name: string;
  /** Asks the supervisor for it, and judges the answer like any other. */
  readonly send: (isGood: boolean) => Promise<Answered | undefined>;
}

/** A process that should not be there is seen by then. */
const EFFECT_MS = 1_000;

/** A start, answers under way that are ended, and a stop; here the machine is loaded far beyond its cores. */
const LIMIT_MS = 30_000;

/** The process of each reliable engine, as a text that no other one has. */
type Running = ReadonlyMap<string, string>;

export class Reloads {
  readonly counts = new Map<Reload, number>();
  readonly #options: ReloadsOptions;
  #deck: Reload[] = [];
  #hurried: Promise<unknown> = Promise.resolve();

  constructor(options: ReloadsOptions) {
    this.#options = options;
  }

  /** The next one. Unless it is not waited for, all that it does has been done by then. */
  async make(): Promise<void> {
    const reload = this.#draw();
    this.counts.set(reload, (this.counts.get(reload) ?? 0) + 1);
    if (reload === "not waited for") return await this.#hurry();
    await this.#hurried;
    const before = await this.#settled(`before a reload (${reload})`);
    if (before === undefined) return;
    if (reload === "a bad file") await this.#spoil();
    else await this.#change(reload);
    await pause(EFFECT_MS);
    const after = await this.#settled(`after a reload (${reload})`);
    if (after === undefined) return;
    for (const { name, character } of this.#reliable) {
      if (character === "renewed" && reload === "another environment") continue;
      const isKept = after.get(name) === before.get(name);
      this.#judge(
        "an unchanged engine keeps its process over a reload",
        isKept,
        () => `${name} was ${before.get(name)}, and is ${after.get(name)} after ${reload}`,
      );
    }
  }

  /** Each once, in any order, and again. */
  #draw(): Reload {
    if (this.#deck.length === 0) this.#deck = [...RELOADS];
    const { dice } = this.#options;
    return this.#deck.splice(dice.between(0, this.#deck.length - 1), 1)[0] ?? "nothing new";
  }

  /** What comes next may meet it in the middle. */
  async #hurry(): Promise<void> {
    const { file, dice, send } = this.#options;
    await this.#hurried;
    file.changeEnvironment();
    if (dice.roll() < 0.5) file.toggleGuest();
    await file.write();
    this.#hurried = send(true);
  }

  async #spoil(): Promise<void> {
    const { file, dice, send } = this.#options;
    await file.spoil(FLAWS[dice.between(0, FLAWS.length - 1)] ?? "no file");
    await send(false);
    await file.write();
  }

  async #change(reload: Reload): Promise<void> {
    const { file, send } = this.#options;
    const before = file.roles;
    if (reload === "another environment") file.changeEnvironment();
    if (reload === "an engine more or less") file.toggleGuest();
    await file.write();
    const answered = await send(true);
    // Anything else was judged.
    if (answered?.kind !== "whole") return;
    const told = JSON.parse(answered.text ?? "");
    const wanted = changesOf(before, file.roles, reload === "another environment");
    const isRight = Object.entries(wanted).every(([key, names]) => equal(told[key], names));
    this.#judge(
      "a reload tells what it does",
      isRight,
      () => `${reload}: ${answered.text} instead of ${JSON.stringify(wanted)}`,
    );
  }

  /** Once there are the engines of the file, and of reliable ones that process alone that it says; else tells that. */
  async #settled(when: string): Promise<Running | undefined> {
    const { supervisor, file } = this.#options;
    let running = new Map<string, string>();
    let seen = "";
    const isRight = await isSoon(async () => {
      const names = (await supervisor.views()).map(({ name }) => name);
      const leaders = await supervisor.leaders();
      const stories = await Promise.all(leaders.map(async (leader) => ({
        engine: leader.engine,
        story: `${leader.pid} since ${leader.began}`,
        revision: await revisionOf(leader),
      })));
      running = new Map(stories.map(({ engine, story }) => [engine, story]));
      seen = `${names.join()}; ${
        stories.map(({ engine, story, revision }) => `${engine} ${story} (${revision})`).join(", ")
      }`;
      const isAlone = this.#reliable.every(({ name, character }) => {
        const own = stories.filter(({ engine }) => engine === name);
        const wanted = character === "renewed" ? file.revision : undefined;
        return own.length === 1 && own[0]?.revision === wanted;
      });
      const isOut = leaders.every(({ engine }) => file.roles.some(({ name }) => name === engine));
      return isAlone && isOut && equal(names, file.roles.map(({ name }) => name));
    }, LIMIT_MS);
    this.#judge(
      "what runs is what the file says",
      isRight,
      () => `${when}, revision ${file.revision} of the file is not what runs: ${seen}`,
    );
    return isRight ? running : undefined;
  }

  get #reliable(): readonly Role[] {
    return this.#options.file.roles.filter(({ character }) => isReliable(character));
  }

  #judge(what: string, isRight: boolean, why: () => string): void {
    const { tally, name } = this.#options;
    if (isRight) tally.pass(`check: ${what}`);
    else tally.fail(`${name}: ${why()}`);
  }
}

async function revisionOf({ pid }: Process): Promise<string | undefined> {
  return await variableOf(pid, "CHAOS_REVISION");
}

/** What a reload has to tell, in the order of the file. */
export function changesOf(
  before: readonly Role[],
  after: readonly Role[],
  isRenewed: boolean,
): Readonly<Record<string, readonly string[]>> {
  const only = (some: readonly Role[], others: readonly Role[]) =>
    some.filter((role) => !others.includes(role)).map(({ name }) => name);
  const both = after.filter((role) => before.includes(role));
  const isChanged = ({ character }: Role) => isRenewed && character === "renewed";
  return {
    added: only(after, before),
    removed: only(before, after),
    changed: [],
    replaced: both.filter(isChanged).map(({ name }) => name),
    unchanged: both.filter((role) => !isChanged(role)).map(({ name }) => name),
  };
}
