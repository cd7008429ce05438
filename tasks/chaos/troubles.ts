/** What is done to one supervisor and its engines while requests are under way. */
import type { Dice } from "../soak/dice.ts";
import type { Tally } from "../soak/tally.ts";
import type { Command } from "./ask.ts";
import { engineOf, isReliable, type Role } from "./cast.ts";
import { describe, type Member } from "./family.ts";
import { countInstances, findExcess } from "./instances.ts";
import { findProcess, type Process, signal } from "./process_table.ts";
import type { Reloads } from "./reloads.ts";
import type { Supervisor } from "./supervisor.ts";
import { pause } from "./waits.ts";

export type Trouble =
  /** SIGKILL to an engine's leader. */
  | "engine killed"
  /** SIGKILL to any process of an engine. */
  | "engine's process killed"
  /** Started, stopped, restarted through the API, waited for or not. */
  | "command"
  /** SIGKILL to the helper. */
  | "helper killed"
  /** SIGKILL to the supervisor. */
  | "supervisor killed"
  /** SIGKILL to both, one right after the other. */
  | "both killed"
  /** SIGTERM to the supervisor. */
  | "supervisor closed"
  /** Where there is a configuration file. */
  | "reload";

const ON_ENGINES: readonly (readonly [weight: number, trouble: Trouble])[] = [
  [4, "engine killed"],
  [2, "engine's process killed"],
  [6, "command"],
  [2, "helper killed"],
];

const ON_SUPERVISORS: readonly (readonly [weight: number, trouble: Trouble])[] = [
  ...ON_ENGINES,
  [3, "supervisor killed"],
  [2, "both killed"],
  [1, "supervisor closed"],
];

const RELOAD = [[10, "reload"]] as const;

const COMMANDS: readonly (readonly [weight: number, command: Command])[] = [
  [3, "start"],
  [3, "start?wait=false"],
  [2, "restart"],
  [2, "restart?wait=false"],
  [1, "stop"],
  [1, "stop?force=true"],
];

/** Between two troubles of one supervisor. */
const PAUSE_MS = [200, 2_000] as const;

/** The promise: so long after a kill of the supervisor nothing lives. */
export const ORPHAN_LIMIT_MS = 1_000;

/** Promised are 100 ms, and platform/reaper holds it to that; here the machine is loaded far beyond its cores. */
const HELPER_LIMIT_MS = 5_000;

/** A helper that dies younger than that, again and again, is replaced later and later. */
const HELPER_AGE_MS = 2_000;

export interface TroublemakerOptions {
  readonly supervisor: Supervisor;
  readonly name: string;
  readonly dice: Dice;
  readonly tally: Tally;
  /** Whether the supervisor itself is ended, too. */
  readonly endsSupervisor: boolean;
  /** @default no configuration file */
  readonly reloads?: Reloads;
  /** Sends a command; what comes of it is judged like any other request. */
  readonly send: (engine: Role, command: Command) => Promise<unknown>;
}

export class Troublemaker {
  readonly counts = new Map<Trouble, number>();
  /** The most instances of each engine that were seen at a time. */
  readonly most = new Map<string, number>();
  /** From the kill of each helper to the sight of the next one, in ms. */
  readonly helperGaps: number[] = [];
  readonly #options: TroublemakerOptions;
  #helper: { readonly pid: number; readonly since: number } | undefined;

  constructor(options: TroublemakerOptions) {
    this.#options = options;
  }

  /** Makes trouble until `endsAt`; the supervisor is up afterwards. */
  async run(endsAt: number): Promise<void> {
    const { dice, endsSupervisor, reloads } = this.#options;
    const troubles = [
      ...(endsSupervisor ? ON_SUPERVISORS : ON_ENGINES),
      ...(reloads === undefined ? [] : RELOAD),
    ];
    for (;;) {
      await pause(dice.between(...PAUSE_MS));
      if (performance.now() > endsAt) return;
      const trouble = dice.pick(troubles);
      const members = await this.#look();
      if (await this.#make(trouble, members)) {
        this.counts.set(trouble, (this.counts.get(trouble) ?? 0) + 1);
      }
      // Out of `failed` and backoff, which would be most of the time otherwise.
      if (dice.roll() < 0.5) this.#command("start?wait=false");
    }
  }

  /** So that whoever waits for an engine that hangs is told. */
  stopEngines(): void {
    for (const role of this.#victims) this.#send(role, "stop?force=true");
  }

  /** They would run for ever. */
  async stopReliable(): Promise<void> {
    const { supervisor: { cast }, send } = this.#options;
    const reliable = cast.roles.filter(({ character }) => isReliable(character));
    await Promise.all(reliable.map((role) => send(role, "stop")));
  }

  /** Engines to which anything may be done. */
  get #victims(): readonly Role[] {
    const { roles } = this.#options.supervisor.cast;
    return roles.filter(({ character }) => !isReliable(character));
  }

  /** To one of them. */
  #command(command: Command): void {
    const { dice } = this.#options;
    const role = this.#victims[dice.between(0, this.#victims.length - 1)];
    if (role !== undefined) this.#send(role, command);
  }

  /** `false` = there was nothing to be done it to. */
  async #make(trouble: Trouble, members: readonly Member[]): Promise<boolean> {
    const { supervisor, dice, reloads } = this.#options;
    switch (trouble) {
      case "engine killed":
        return this.#kill(members.filter(({ parent }) => parent === supervisor.pid));
      case "engine's process killed":
        return this.#kill(members);
      case "command":
        this.#command(dice.pick(COMMANDS));
        return true;
      case "helper killed":
        return await this.#killHelper();
      case "supervisor killed":
        await this.#killSupervisor();
        return true;
      case "both killed":
        return await this.#killBoth(members);
      case "supervisor closed":
        await this.#close();
        return true;
      case "reload":
        await reloads?.make();
        return true;
    }
  }

  /** One of them, unless its engine is to be relied on. */
  #kill(members: readonly Member[]): boolean {
    const names = this.#victims.map(({ name }) => name);
    const victims = members.filter(({ runId }) =>
      runId === undefined || names.includes(engineOf(runId))
    );
    const victim = victims[this.#options.dice.between(0, victims.length - 1)];
    return victim !== undefined && signal(victim.pid);
  }

  async #killHelper(): Promise<boolean> {
    const { supervisor, tally } = this.#options;
    const helper = await supervisor.helper();
    if (helper === undefined || !this.#isGrown(helper) || !signal(helper.pid)) return false;
    const killedAt = performance.now();
    for (;;) {
      const next = await supervisor.helper();
      if (next !== undefined && next.pid !== helper.pid) break;
      if (performance.now() - killedAt > HELPER_LIMIT_MS) {
        this.#fail(`no other helper ${HELPER_LIMIT_MS} ms after the last one was killed`);
        return true;
      }
    }
    this.helperGaps.push(performance.now() - killedAt);
    tally.pass("check: another helper");
    return true;
  }

  #isGrown({ pid }: Process): boolean {
    const now = performance.now();
    if (this.#helper?.pid !== pid) this.#helper = { pid, since: now };
    return now - this.#helper.since > HELPER_AGE_MS;
  }

  async #killSupervisor(): Promise<void> {
    const { supervisor } = this.#options;
    const killedAt = performance.now();
    await supervisor.end([supervisor.pid, "SIGKILL"]);
    await pause(ORPHAN_LIMIT_MS - (performance.now() - killedAt));
    this.#judge(`${ORPHAN_LIMIT_MS} ms after the supervisor was killed`, await this.#look());
    await this.#startAgain("that followed the kill of the supervisor");
  }

  async #killBoth(before: readonly Member[]): Promise<boolean> {
    const { supervisor, dice } = this.#options;
    const helper = await supervisor.helper();
    if (helper === undefined) return false;
    const both = [[supervisor.pid, "SIGKILL"], [helper.pid, "SIGKILL"]] as const;
    await supervisor.end(...dice.roll() < 0.5 ? both : both.toReversed());
    await this.#startAgain("that followed the kill of supervisor and helper");
    const born = (await findProcess(supervisor.pid))?.began ?? 0;
    const older = (await this.#look()).filter(({ began }) => began < born);
    // docs/reliability.md: without an environment it is found only while the leader of its session lives.
    const alone = older.filter((member) =>
      member.runId === undefined && !hasLeader(member, before)
    );
    for (const { pid } of alone) signal(pid);
    const left = older.filter((member) => !alone.includes(member));
    this.#judge("after the start that followed the kill of supervisor and helper", left);
    return true;
  }

  async #close(): Promise<void> {
    const { supervisor, tally } = this.#options;
    const code = await supervisor.end([supervisor.pid, "SIGTERM"]);
    if (code === 0) tally.pass("check: closed with exit code 0");
    else this.#fail(`a close by SIGTERM exited with ${code}:\n${supervisor.lastWords}`);
    this.#judge("after the supervisor was closed", await this.#look());
    await this.#startAgain("that followed a close");
  }

  /** Whatever the lives before have left is gone once it listens. */
  async #startAgain(which: string): Promise<void> {
    const { supervisor, tally } = this.#options;
    const before = [...supervisor.family.boots];
    await supervisor.start();
    const left = await supervisor.cgroups(before);
    if (left.length === 0) return tally.pass(`check: no cgroup after the start ${which}`);
    const story = supervisor.lastWords;
    this.#fail(`cgroups after the start ${which}: ${left.join(", ")}; before:\n${story}`);
    await supervisor.removeCgroups(left);
  }

  /** All processes of its engines, of which there may be so many at a time. */
  async #look(): Promise<Member[]> {
    const { supervisor, tally } = this.#options;
    const members = await supervisor.family.look();
    for (const [engine, count] of countInstances(members)) {
      this.most.set(engine, Math.max(count, this.most.get(engine) ?? 0));
    }
    const excess = await findExcess(members, supervisor.cast);
    if (excess === undefined) tally.pass("check: no more instances at a time than there may be");
    else this.#fail(excess);
    return members;
  }

  #judge(when: string, orphans: readonly Member[]): void {
    const { tally } = this.#options;
    if (orphans.length === 0) return tally.pass(`check: no orphan ${when}`);
    this.#fail(`${orphans.length} orphans ${when}: ${orphans.map(describe).join(", ")}`);
    for (const { pid } of orphans) signal(pid);
  }

  /** What comes of it is judged elsewhere. */
  #send(role: Role, command: Command): void {
    this.#options.send(role, command).catch((error) => this.#fail(`${error}`));
  }

  #fail(what: string): void {
    this.#options.tally.fail(`${this.#options.name}: ${what}`);
  }
}

function hasLeader({ session, group }: Member, before: readonly Member[]): boolean {
  return before.some(({ pid }) => pid === session || pid === group);
}
