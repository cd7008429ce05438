/**
 * Whose processes there are, by what the kernel says. Nothing of it is the program's own code, which is
 * what is put to the test. Linux only.
 */

export interface Process {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** When it began, in the kernel's ticks; no other process of that pid has the same. */
  readonly began: number;
}

/**
 * One line of /proc/PID/stat; the name in it may hold anything. `null` for a zombie without a thread left,
 * which is no more.
 */
export function parseProcess(line: string): Process | null {
  const end = line.lastIndexOf(")");
  const [state = "", parent, group, session, ...rest] = line.slice(end + 2).split(" ");
  const threads = Number(rest[13]);
  if (end < 0 || state === "X" || (state === "Z" && threads <= 1)) return null;
  return {
    pid: Number.parseInt(line),
    name: line.slice(line.indexOf("(") + 1, end),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    began: Number(rest[15]),
  };
}

/** All that live. */
export async function processTable(): Promise<Process[]> {
  const found: Process[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const process = await findProcess(Number(name));
    if (process !== null) found.push(process);
  }
  return found;
}

export async function findProcess(pid: number): Promise<Process | null> {
  return parseProcess(await readIfThere(`/proc/${pid}/stat`));
}

/** Whether that very process still lives. */
export async function isAlive({ pid, began }: Process): Promise<boolean> {
  return (await findProcess(pid))?.began === began;
}

/** The value of a variable with which a process was started; `undefined` = it has none. */
export async function variableOf(pid: number, name: string): Promise<string | undefined> {
  const environ = `\0${await readIfThere(`/proc/${pid}/environ`)}`;
  const at = environ.indexOf(`\0${name}=`);
  if (at < 0) return undefined;
  return environ.slice(at + name.length + 2).split("\0", 1)[0];
}

/** SIGKILL, or what is given, to a process; `false` = it is gone. */
export function signal(pid: number, osSignal: Deno.Signal = "SIGKILL"): boolean {
  try {
    Deno.kill(pid, osSignal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}
