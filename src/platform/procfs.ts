/**
 * What the process table says, on Linux by /proc. Elsewhere there is no such table here, and the
 * callers make do with process groups.
 *
 * @module
 */

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
    if (member.pgrp === pgid && member.state !== "Z" && member.state !== "X") return true;
  }
  return false;
}

/** Live processes whose environment has `name=value`, as they are found; this one never. */
export async function* withEnvironment(name: string, value: string): AsyncGenerator<number> {
  if (!IS_LINUX) return;
  const wanted = `\0${name}=${value}\0`;
  for await (const pid of pids()) {
    if (pid === Deno.pid) continue;
    const environ = await readText(`/proc/${pid}/environ`);
    if (environ !== null && `\0${environ}\0`.includes(wanted)) yield pid;
  }
}

/**
 * Resident memory of `pid` in bytes; `null` where it can't be told. Asked once a second for as long as
 * an engine runs, so it waits for no thread: the file is made in memory when it is read.
 */
export function residentBytes(pid: number): number | null {
  if (!IS_LINUX) return null;
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
    return match === null ? null : Number(match[1]) * 1024;
  } catch {
    return null;
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

/** State letter and group out of a /proc/PID/stat line; the name before them may hold anything. */
export function parseStat(line: string): { readonly state: string; readonly pgrp: number } {
  const [state = "", , pgrp = ""] = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { state, pgrp: Number(pgrp) };
}

async function* pids(): AsyncGenerator<number> {
  for await (const entry of Deno.readDir("/proc")) {
    if (/^\d+$/.test(entry.name)) yield Number(entry.name);
  }
}

/** `null` when the process is gone or is not ours to look into. */
async function readText(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return null;
  }
}
