/** The end of processes that were found in the process table, with all that they may turn into. */
import {
  carries,
  isLive,
  ledBy,
  type ProcessStat,
  statOf,
  withEnvironment,
  youngestWithEnvironment,
} from "./procfs.ts";

/** How those who are to end are told from all others. */
export interface Ours {
  /** A variable that only they carry, as `withEnvironment()` takes it. */
  readonly variable: string;
  /** Whose groups and sessions are theirs. */
  readonly leaders: ReadonlySet<number>;
}

/** Looks for all of them once, kills each in the moment in which it is found, and yields its pid. */
export async function* killAll(ours: Ours): AsyncGenerator<number> {
  const { variable, leaders } = ours;
  // The youngest more than once: a look meets most of those that live for moments, not each.
  for (const search of [withEnvironment(variable), ledBy(leaders), []]) {
    for (const pid of youngestWithEnvironment(variable)) yield killFound(pid, ours);
    for await (const pid of search) yield killFound(pid, ours);
  }
}

/**
 * SIGKILL to the process `pid`, which was found to be ours, and to its group: those that fork and end
 * have become others before a signal comes, and only a group stays what it is. A group whose leader
 * lives and is not ours is left alone, and so is our own.
 */
function killFound(pid: number, ours: Ours): number {
  const stat = statOf(pid);
  if (stat !== null && isOurGroup(stat, ours)) killIfThere(-stat.pgrp, "SIGKILL");
  killIfThere(pid, "SIGKILL");
  return pid;
}

function isOurGroup({ pgrp, session }: ProcessStat, { variable, leaders }: Ours): boolean {
  if (pgrp === statOf(Deno.pid)?.pgrp) return false;
  if (leaders.has(pgrp) || leaders.has(session)) return true;
  const leader = statOf(pgrp);
  return leader === null || !isLive(leader) || carries(pgrp, variable);
}

/** Whether anybody was there to get it; `pid` negative: a group. */
export function killIfThere(pid: number, osSignal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, osSignal);
    return true;
  } catch (error) {
    // Gone already, which is what was wanted; or another user's, or (macOS) a zombie: EPERM.
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.PermissionDenied) return true;
    throw error;
  }
}
