/** What /proc says of a process. Linux only. */

/** Ticks of utime and stime in a second, as every Linux tells them to programs. */
const TICKS_PER_S = 100;

export interface Memory {
  /** Proportional set size in MiB: shared pages are divided among those who share them. */
  readonly pss: number;
  /** Resident set size in MiB. */
  readonly rss: number;
}

/** Memory of a process. Throws when it is gone. */
export async function readMemory(pid: number): Promise<Memory> {
  const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  const mebibytes = (name: string) => {
    const found = new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1];
    if (found === undefined) throw new Error(`no ${name} in /proc/${pid}/smaps_rollup`);
    return Number(found) / 1_024;
  };
  return { pss: mebibytes("Pss"), rss: mebibytes("Rss") };
}

/** A size out of /proc/PID/status in MiB: what is resident now, or was at most. Throws when it is gone. */
export async function readStatusMib(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/status`);
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${name} in /proc/${pid}/status`);
  return Number(found) / 1_024;
}

/** Milliseconds of processor time that a process has used, its children left out. */
export async function readCpuMs(pid: number): Promise<number> {
  return parseCpuMs(await Deno.readTextFile(`/proc/${pid}/stat`));
}

/** utime + stime out of a /proc/PID/stat line, in milliseconds; the name in it may hold anything. */
export function parseCpuMs(line: string): number {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1_000 / TICKS_PER_S;
}
