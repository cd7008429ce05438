/** What the machine says of this process. */
import type { ProcessFigures } from "../core/mod.ts";
import { descriptorLimit } from "./process_limits.ts";

/** Ticks of processor time in a second, as Linux tells them to every program. */
const TICKS_PER_S = 100;

/** When this program began. */
const STARTED_AT_SECONDS = performance.timeOrigin / 1_000;

export function processFigures(): ProcessFigures {
  return {
    cpuSeconds: cpuSeconds(),
    residentBytes: Deno.memoryUsage().rss,
    openFds: openFds(),
    maxFds: maxFds(),
    startedAtSeconds: STARTED_AT_SECONDS,
  };
}

function maxFds(): number | null {
  const limit = descriptorLimit();
  return Number.isFinite(limit) ? limit : null;
}

function cpuSeconds(): number | null {
  if (Deno.build.os !== "linux") return null;
  const line = Deno.readTextFileSync("/proc/self/stat");
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** Less the one that it looks with. */
function openFds(): number | null {
  if (Deno.build.os !== "linux") return null;
  return Array.from(Deno.readDirSync("/proc/self/fd")).length - 1;
}
