/** One of the supervisors, the trouble it has, and what is held against it at the end. */
import { settle } from "../soak/settle.ts";
import type { Holdings } from "../soak/holdings.ts";
import type { Tally } from "../soak/tally.ts";
import { describe } from "./family.ts";
import { signal } from "./process_table.ts";
import type { Reloads } from "./reloads.ts";
import type { Supervisor } from "./supervisor.ts";
import type { Troublemaker } from "./troubles.ts";
import { isSoon } from "./waits.ts";

/** How long what was asked for may take until it is seen. */
const LIMIT_MS = 20_000;

/** Floods drive resident memory up to about 200 MiB, sooner or later, where it stays. */
const FLOODED_MIB = 200;

/** It may be so much more than that, or than after the warm-up. */
const MEMORY_GROWTH_MIB = 64;

/** What a supervisor holds at rest. */
export interface AtRest {
  readonly holdings: Holdings;
  /** Resident, MiB. */
  readonly memory: number;
}

export interface Subject {
  readonly name: string;
  readonly supervisor: Supervisor;
  readonly troublemaker: Troublemaker;
  /** `undefined` = it has no configuration file. */
  readonly reloads: Reloads | undefined;
  /** Whether it lives from the start to the end, so that it can be compared with itself. */
  readonly isSpared: boolean;
}

/** Waits until its engines are stopped and nothing is left of any request. Throws when that never is. */
export async function comeToRest(
  { supervisor, troublemaker }: Subject,
  descriptors?: number,
): Promise<AtRest> {
  // The others have nobody left who uses them.
  await troublemaker.stopReliable();
  await eventually(
    "stopped engines",
    async () =>
      (await supervisor.views()).every(({ state }) => state === "stopped" || state === "failed"),
  );
  await eventually("a helper", async () => await supervisor.helper() !== undefined);
  const holdings = await settle(supervisor, descriptors);
  return { holdings, memory: await supervisor.memory() };
}

/** What a supervisor holds that it should not. */
export function judgeAtRest(tally: Tally, name: string, before: AtRest, after: AtRest): void {
  const { holdings } = after;
  const check = (what: string, isGood: boolean, why: string) => {
    if (isGood) tally.pass(`check: ${what}`);
    else tally.fail(`${name}: ${why}`);
  };
  const { inflight, queued, engineConnections } = holdings;
  const isQuiet = inflight + queued + engineConnections === 0;
  check("nothing in flight at rest", isQuiet, `not at rest: ${JSON.stringify(holdings)}`);
  const lost = holdings.descriptors - before.holdings.descriptors;
  check("descriptors are flat", lost <= 0, `${lost} descriptors more than after the warm-up`);
  const growth = after.memory - Math.max(before.memory, FLOODED_MIB);
  check(
    "memory is flat",
    growth <= MEMORY_GROWTH_MIB,
    `${after.memory.toFixed(1)} MiB, ${before.memory.toFixed(1)} MiB after the warm-up`,
  );
}

/** Closes the supervisor for good: exit code 0, no process, no file but its lock. */
export async function closeForGood({ name, supervisor }: Subject, tally: Tally): Promise<void> {
  const code = await supervisor.end([supervisor.pid, "SIGTERM"]);
  if (code === 0) tally.pass("check: closed with exit code 0 at the end");
  else tally.fail(`${name}: the last close exited with ${code}:\n${supervisor.lastWords}`);
  const left = await supervisor.family.look();
  if (left.length === 0) tally.pass("check: no process at the end");
  else tally.fail(`${name}: at the end there are ${left.map(describe).join(", ")}`);
  for (const { pid } of left) signal(pid);
  const cgroups = await supervisor.cgroups(supervisor.family.boots);
  if (cgroups.length === 0) tally.pass("check: no cgroup at the end");
  else tally.fail(`${name}: cgroups are left: ${cgroups.join(", ")}`);
  const files = await supervisor.files();
  if (files.join() === "supervisor.lock") tally.pass("check: no runtime file at the end");
  else tally.fail(`${name}: runtime files are left: ${files.join(", ")}`);
}

async function eventually(what: string, isThere: () => Promise<boolean>): Promise<void> {
  if (!await isSoon(isThere, LIMIT_MS)) throw new Error(`It never came: ${what}`);
}
