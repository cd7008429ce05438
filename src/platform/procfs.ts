/**
 * What the process table says, on Linux by /proc. Elsewhere there is no such table here, and the
 * callers make do with process groups.
 *
 * @module
 */

import { lackOf } from "./lack.ts";

const IS_LINUX = Deno.build.os === "linux";

/** Whether a process of group `pgid` lives; zombies do not count. */
export async function hasLiveMember(pgid: number): Promise<boolean> {
  if (!canSignal(-pgid)) return false;
  // A group of zombies can still be signalled; only the table tells (PID 1 may never reap them).
  if (!IS_LINUX) return true;
  for await (const pid of pids()) {
    const stat = await readText(`/proc/${pid}/stat`);
    if (stat === null) continue;
    const member = parseStat(stat);
    if (member.pgrp === pgid && isLive(member)) return true;
  }
  return false;
}

/**
 * Live processes with a variable that begins with `variable` (a NUL at its end makes that the whole of
 * it), as they are found; this one never.
 */
export async function* withEnvironment(variable: string): AsyncGenerator<number> {
  if (!IS_LINUX) return;
  for await (const pid of pids()) {
    if (pid === Deno.pid) continue;
    const environ = await readText(`/proc/${pid}/environ`);
    if (environ !== null && holds(environ, variable)) yield pid;
  }
}

/** How many numbers after the last one are looked at, which may be given in the meantime; and before it. */
const NUMBERS_AFTER = 4;
const NUMBERS_BEFORE = 16;

/**
 * Of the youngest processes those that `withEnvironment()` would yield, had they lived until it came to
 * them: a listing of all takes milliseconds, so these are asked for by number, without waiting.
 */
export function* youngestWithEnvironment(variable: string): Generator<number> {
  if (!IS_LINUX) return;
  const last = lastPid();
  for (let pid = last + NUMBERS_AFTER; pid > last - NUMBERS_BEFORE; pid--) {
    if (pid !== Deno.pid && carries(pid, variable) && !isThread(pid)) yield pid;
  }
}

/** Whether a number is that of a thread besides the first: no listing has it, but it can be asked for. */
function isThread(pid: number): boolean {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return !new RegExp(`^Tgid:\\s+${pid}$`, "m").test(status);
  } catch {
    return false;
  }
}

/** The number that was given last; `NaN` where it can't be told. */
function lastPid(): number {
  try {
    return Number(Deno.readTextFileSync("/proc/loadavg").trim().split(" ")[4]);
  } catch {
    return NaN;
  }
}

/** Whether the process `pid` is there with a variable as `withEnvironment()` takes it. */
export function carries(pid: number, variable: string): boolean {
  try {
    return holds(Deno.readTextFileSync(`/proc/${pid}/environ`), variable);
  } catch {
    return false;
  }
}

function holds(environ: string, variable: string): boolean {
  return `\0${environ}\0`.includes(`\0${variable}`);
}

/** Live processes whose group or session has one of `leaders` at its head; this one never. */
export async function* ledBy(leaders: ReadonlySet<number>): AsyncGenerator<number> {
  if (!IS_LINUX || leaders.size === 0) return;
  for await (const pid of pids()) {
    if (pid === Deno.pid) continue;
    const text = await readText(`/proc/${pid}/stat`);
    if (text === null) continue;
    const stat = parseStat(text);
    if (isLive(stat) && (leaders.has(stat.pgrp) || leaders.has(stat.session))) yield pid;
  }
}

/**
 * When the process `pid` began, in the kernel's ticks since the machine started, which no later process
 * of that number shares; `null` when there is none, or where it can't be told.
 */
export function startTimeOf(pid: number): string | null {
  return statOf(pid)?.startTime ?? null;
}

/** How many processes and threads the machine has started so far; `null` where that can't be told. */
export function forkCount(): number | null {
  return numberIn("/proc/stat", /^processes (\d+)$/m);
}

/**
 * After how many more of them a number of a process may be given anew: they are given in order, and the
 * first ones again once all were given. Half of that, as some are always taken.
 */
export function forksUntilReuse(): number {
  return (numberIn("/proc/sys/kernel/pid_max", /^(\d+)$/m) ?? 0) / 2;
}

function numberIn(path: string, pattern: RegExp): number | null {
  if (!IS_LINUX) return null;
  try {
    const match = pattern.exec(Deno.readTextFileSync(path));
    return match === null ? null : Number(match[1]);
  } catch {
    return null;
  }
}

/** Whether the process `pid` that began at `startTime` still lives; a zombie does not. */
export function isStillThere(pid: number, startTime: string | null): boolean {
  const stat = statOf(pid);
  return stat !== null && stat.startTime === startTime && isLive(stat);
}

/**
 * Resident memory of `pid` and its children, in bytes; `null` where it can't be told. Asked every few
 * seconds for as long as an engine runs, so it waits for no thread: the files are made in memory when
 * they are read.
 */
export function residentBytes(pid: number): number | null {
  const kB = numberIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m);
  if (kB === null) return null;
  return childrenOf(pid).reduce((sum, child) => sum + (residentBytes(child) ?? 0), kB * 1024);
}

/** Of its first thread, to which those fall that another thread began; none where it can't be told. */
function childrenOf(pid: number): readonly number[] {
  try {
    const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
    return children === "" ? [] : children.split(" ").map(Number);
  } catch {
    return [];
  }
}

/** What `pid` has in memory at most, in bytes: shared pages count whole. 0 when it is gone. */
export async function memoryBoundOf(pid: number): Promise<number> {
  return sumOf(await readText(`/proc/${pid}/status`), /^Vm(?:RSS|Swap):\s+(\d+) kB$/gm);
}

/** What `pid` has in memory and in swap, in bytes: its part of what is shared (PSS). 0 when it is gone. */
export async function heldBytesOf(pid: number): Promise<number> {
  const rollup = await readText(`/proc/${pid}/smaps_rollup`);
  if (rollup === null) return memoryBoundOf(pid);
  return sumOf(rollup, /^(?:Swap)?Pss:\s+(\d+) kB$/gm);
}

function sumOf(text: string | null, figures: RegExp): number {
  let kB = 0;
  for (const [, figure] of text?.matchAll(figures) ?? []) kB += Number(figure);
  return kB * 1024;
}

/** Whether `pid` is stopped by a signal; `false` where it can't be told. */
export function isStopped(pid: number): boolean {
  if (!IS_LINUX) return false;
  try {
    return parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`)).state === "T";
  } catch {
    return false;
  }
}

/** Whether `pid` (negative: a group) exists. */
function canSignal(pid: number): boolean {
  try {
    Deno.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but it is not ours.
    return error instanceof Deno.errors.PermissionDenied;
  }
}

/** What is read of a /proc/PID/stat line. */
export interface ProcessStat {
  /** One letter; Z and X are dead. */
  readonly state: string;
  readonly pgrp: number;
  readonly session: number;
  /** How many are left of it. */
  readonly threads: number;
  readonly startTime: string;
}

/** Takes a /proc/PID/stat line apart; the name at its start may hold anything. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state = "", , pgrp = "", session = ""] = fields;
  return {
    state,
    pgrp: Number(pgrp),
    session: Number(session),
    threads: Number(fields[17]),
    startTime: fields[19] ?? "",
  };
}

/**
 * The state is that of the first thread. While others are left the process has all that it ever had: one
 * with much memory and many threads takes its time to die, and its socket is answered until then.
 */
export function isLive({ state, threads }: ProcessStat): boolean {
  return state !== "X" && (state !== "Z" || threads > 1);
}

/** Of one process, without waiting for a thread: the file is made in memory when it is read. */
export function statOf(pid: number): ProcessStat | null {
  if (!IS_LINUX) return null;
  try {
    return parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return null;
  }
}

async function* pids(): AsyncGenerator<number> {
  for await (const entry of Deno.readDir("/proc")) {
    if (/^\d+$/.test(entry.name)) yield Number(entry.name);
  }
}

/** `null` when the process is gone or is not ours to look into; throws for want of descriptors. */
async function readText(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (lackOf(error) !== null) throw error;
    return null;
  }
}
