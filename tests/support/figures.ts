/** What `/metrics` is told of besides, in a program that has no process of its own. */
import { EngineCounts, RequestCounts } from "../../src/observe/mod.ts";
import type { WebDeps } from "../../src/web/mod.ts";

export function newFigures(): WebDeps["figures"] {
  return {
    counts: new EngineCounts(),
    requests: new RequestCounts(() => true),
    process: () => ({
      cpuSeconds: 1.5,
      residentBytes: 60_000_000,
      openFds: null,
      maxFds: null,
      startedAtSeconds: 1_735_689_600,
    }),
  };
}
