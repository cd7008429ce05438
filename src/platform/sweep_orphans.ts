/**
 * What a program before has left behind because its helper was killed along with it: ended before this
 * one starts anything.
 *
 * @module
 */
import { ConfigError } from "../core/mod.ts";
import { CgroupHome } from "./cgroup.ts";
import { killAll, killIfThere } from "./kill.ts";
import { forkCount, forksUntilReuse, isStillThere, statOf } from "./procfs.ts";
import type { Group } from "./reaper.ts";
import { machineBoot, readRunRecord, removeRunRecord, type RunRecord } from "./run_record.ts";

export interface Swept {
  /** How many processes were found. */
  readonly found: number;
  /** Those that live on, such as another user's. */
  readonly left: readonly number[];
}

/** How long processes may take to be gone once they are killed. */
const GONE_LIMIT_MS = 2_000;
const PAUSE_MS = 10;

/**
 * Ends what the last holder of the lock in `dir` has left, by its record; for the one who holds the lock
 * now. A process counts when it carries a run id of that boot, when its group or session is one of the
 * record's, or when it is in the record's cgroup. A group of the record is known by its leader, who still
 * lives and began when the record says; without one, by its number, as long as no number can have been
 * given twice since. Throws
 * `already_running` when the program that wrote the record lives: somebody has removed its lock file.
 */
export async function sweepOrphans(dir: string): Promise<Swept> {
  const record = await readRunRecord(dir);
  let swept: Swept = { found: 0, left: [] };
  if (record !== null && record.machineBoot === machineBoot()) {
    if (await outlives(GONE_LIMIT_MS, record.supervisor)) throw alreadyRunning(dir, record);
    swept = await sweep(record);
    await removeMade(record);
  }
  await removeRunRecord(dir);
  return swept;
}

/** Whether a process is there all the time; one that was killed lets go of its lock a little earlier. */
async function outlives(limitMs: number, { pid, startTime }: Group): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (isStillThere(pid, startTime)) {
    if (performance.now() > end) return true;
    await pause();
  }
  return false;
}

async function sweep(record: RunRecord): Promise<Swept> {
  const { runPrefix, groups, cgroup } = record;
  const areNumbersStill = !mayBeReused(record);
  const leaders = new Set(
    groups.filter((group) =>
      isStillThere(group.pid, group.startTime) || (areNumbersStill && hasEnded(group))
    ).map(({ pid }) => pid),
  );
  const home = cgroup === null ? null : CgroupHome.find(cgroup);
  const found = new Set(home?.pids());
  // All of the cgroup and whole groups at once, so that none of them can fork in between.
  home?.kill();
  for (const leader of leaders) killIfThere(-leader, "SIGKILL");
  const ours = { variable: `AI_ENGINE_RUN=${runPrefix}`, leaders };
  const end = performance.now() + GONE_LIMIT_MS;
  for (;;) {
    const left = new Set(home?.pids());
    for (const pid of left) found.add(pid);
    if (left.size > 0) home?.kill();
    for await (const pid of killAll(ours)) {
      left.add(pid);
      found.add(pid);
      // The record may lag behind: one that is ours may lead those that show nothing of it.
      leaders.add(pid);
    }
    const isOver = left.size === 0 && home?.isPopulated() !== true;
    if (isOver || performance.now() > end) return { found: found.size, left: [...left] };
    await pause();
  }
}

/** Whether the number of a group in the record may be another's by now, should nothing of it be left. */
function mayBeReused({ forks }: RunRecord): boolean {
  const now = forkCount();
  return forks === null || now === null || now < forks || now - forks >= forksUntilReuse();
}

/** Of a leader that no other process has the number of. Its group, or its session, may have members still. */
function hasEnded({ pid, startTime }: Group): boolean {
  const stat = statOf(pid);
  return stat === null || stat.startTime === startTime;
}

/** What was made for processes that are gone now. */
async function removeMade({ cgroup, privateDirs }: RunRecord): Promise<void> {
  if (cgroup !== null) CgroupHome.find(cgroup).remove();
  if (privateDirs === null) return;
  const { removePrivateDirs } = await import("./private_dir.ts");
  removePrivateDirs(privateDirs);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function alreadyRunning(dir: string, { supervisor }: RunRecord): ConfigError {
  return new ConfigError("already_running", {
    detail: `A supervisor is already running in ${dir}: process ${supervisor.pid}, ` +
      "whose lock file was removed.",
    remedy: `Stop it (\`kill ${supervisor.pid}\`), or set XDG_RUNTIME_DIR to another directory.`,
  });
}
