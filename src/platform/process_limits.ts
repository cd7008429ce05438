/** Limits of this process, as /proc tells them; the runtime raises the soft ones of files itself. */

const NAMES = { files: "Max open files", processes: "Max processes" } as const;

export type Limited = keyof typeof NAMES;

/** The last known, for when there is no descriptor left to look with. */
const known: Record<Limited, number> = { files: Infinity, processes: Infinity };

/** How many descriptors this process may have open; `Infinity` where no limit can be told. */
export function descriptorLimit(): number {
  return limitOf("files");
}

/** How many threads its user may have in all processes; `Infinity` where no limit can be told. */
export function threadLimit(): number {
  return limitOf("processes");
}

/** The soft limit in a text like that of /proc/self/limits. */
export function parseLimits(text: string, limited: Limited): number {
  const soft = new RegExp(`^${NAMES[limited]}\\s+(\\d+)`, "m").exec(text)?.[1];
  return soft === undefined ? Infinity : Number(soft);
}

function limitOf(limited: Limited): number {
  if (Deno.build.os !== "linux") return Infinity;
  try {
    known[limited] = parseLimits(Deno.readTextFileSync("/proc/self/limits"), limited);
  } catch {
    // The one known before stands.
  }
  return known[limited];
}
