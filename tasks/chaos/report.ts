/** A chaos in words. */
import { DEADLINE_MS } from "./clients.ts";
import type { ChaosReport } from "./chaos.ts";

/** Lines for people. */
export function renderReport(report: ChaosReport): string {
  const { tally, troubles, reloads, starts, sideBySide, skipped, atRest, slowest, helperGaps } =
    report;
  return [
    ...tally.outcomes.map(([outcome, count]) => row(outcome, String(count))),
    row(
      "slowest request",
      `${Math.round(slowest.tookMs)} ms of ${DEADLINE_MS} ms, ${slowest.what}`,
    ),
    row("another helper after", rangeOf(helperGaps)),
    row("troubles", counted(troubles)),
    row("reloads", counted(reloads)),
    row("engines", counted(starts)),
    row("instances at a time, at most", counted(sideBySide)),
    ...skipped.map((kind) => row("skipped", `${kind}: no file system can be mounted here`)),
    ...atRest.flatMap(({ name, before, after }) => [
      row(
        `${name}, descriptors`,
        `${before.holdings.descriptors} after the warm-up, ${after.holdings.descriptors} at the end`,
      ),
      row(
        `${name}, resident`,
        `${before.memory.toFixed(1)} MiB after the warm-up, ${
          after.memory.toFixed(1)
        } MiB at the end`,
      ),
    ]),
  ].join("\n");
}

/** Of sorted times. */
function rangeOf(times: readonly number[]): string {
  const [median, most] = [times[times.length >> 1], times.at(-1)].map((ms) =>
    `${Math.round(ms ?? 0)} ms`
  );
  return `${median} (median), ${most} at most, the look included`;
}

function counted(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, count]) => `${count} × ${what}`).join(", ");
}

function row(name: string, value: string): string {
  return `${name.padEnd(56)} ${value}`;
}
