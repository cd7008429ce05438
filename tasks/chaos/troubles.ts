/** What is done to one supervisor and its engine while requests are under way. */
import type { Dice } from "../soak/dice.ts";
import type { Tally } from "../soak/tally.ts";
import type { Command } from "./ask.ts";
import { describe, type Member } from "./family.ts";
import { findProcess, isAlive, type Process, signal } from "./process_table.ts";
import type { Supervisor } from "./supervisor.ts";

export type Trouble =
  /** SIGKILL to the engine's leader. */
  | "engine killed"
  /** SIGKILL to any process of the engine. */
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
  | "supervisor closed";

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
  /** Sends a command; what comes of it is judged like any other request. */
  readonly send: (command: Command) => void;
}

export class Troublemaker {
  readonly counts = new Map<Trouble, number>();
  /** From the kill of each helper to the sight of the next one, in ms. */
  readonly helperGaps: number[] = [];
  readonly #options: TroublemakerOptions;
  #helper: { readonly pid: number; readonly since: number } | undefined;

  constructor(options: TroublemakerOptions) {
    this.#options = options;
  }

  /** Makes trouble until `endsAt`; the supervisor is up afterwards. */
  async run(endsAt: number): Promise<void> {
    const { dice, endsSupervisor, send } = this.#options;
    for (;;) {
      await pause(dice.between(...PAUSE_MS));
      if (performance.now() > endsAt) return;
      const trouble = dice.pick(endsSupervisor ? ON_SUPERVISORS : ON_ENGINES);
      const members = await this.#look();
      if (await this.#make(trouble, members)) {
        this.counts.set(trouble, (this.counts.get(trouble) ?? 0) + 1);
      }
      // Out of `failed` and backoff, which would be most of the time otherwise.
      if (dice.roll() < 0.5) send("start?wait=false");
    }
  }

  /** So that whoever waits for an engine that hangs is told. */
  stopEngine(): void {
    this.#options.send("stop?force=true");
  }

  /** `false` = there was nothing to be done it to. */
  async #make(trouble: Trouble, members: readonly Member[]): Promise<boolean> {
    const { supervisor, dice, send } = this.#options;
    const victims = trouble === "engine killed"
      ? members.filter(({ parent }) => parent === supervisor.pid)
      : members;
    switch (trouble) {
      case "engine killed":
      case "engine's process killed": {
        const victim = victims[dice.between(0, victims.length - 1)];
        return victim !== undefined && signal(victim.pid);
      }
      case "command":
        send(dice.pick(COMMANDS));
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
    }
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

  /** All processes of the engine, of which no two may be of two starts. */
  async #look(): Promise<Member[]> {
    const { supervisor, tally } = this.#options;
    const members = await supervisor.family.look();
    const runs = new Map<string, Member[]>();
    for (const member of members) {
      if (member.runId !== undefined) {
        runs.set(member.runId, [...runs.get(member.runId) ?? [], member]);
      }
    }
    if (runs.size > 1) {
      // Seen one after the other; who is still there was there all the time.
      const alive = [];
      for (const [first] of runs.values()) {
        if (first !== undefined && await isAlive(first)) alive.push(first);
      }
      if (alive.length > 1) this.#fail(`two at a time: ${alive.map(describe).join(", ")}`);
    }
    tally.pass("check: one instance at a time");
    return members;
  }

  #judge(when: string, orphans: readonly Member[]): void {
    const { tally } = this.#options;
    if (orphans.length === 0) return tally.pass(`check: no orphan ${when}`);
    this.#fail(`${orphans.length} orphans ${when}: ${orphans.map(describe).join(", ")}`);
    for (const { pid } of orphans) signal(pid);
  }

  #fail(what: string): void {
    this.#options.tally.fail(`${this.#options.name}: ${what}`);
  }
}

function hasLeader({ session, group }: Member, before: readonly Member[]): boolean {
  return before.some(({ pid }) => pid === session || pid === group);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
