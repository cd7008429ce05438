/**
 * How many descriptors this process may have open, as /proc tells it; `Infinity` where there is no
 * limit or none can be told. The runtime raises the soft limit to the hard one when it starts.
 */
export function descriptorLimit(): number {
  if (Deno.build.os !== "linux") return Infinity;
  try {
    return parseLimits(Deno.readTextFileSync("/proc/self/limits"));
  } catch {
    return Infinity;
  }
}

/** The soft limit in a text like that of /proc/self/limits. */
export function parseLimits(text: string): number {
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1];
  return soft === undefined ? Infinity : Number(soft);
}
