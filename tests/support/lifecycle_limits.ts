import type { LifecycleLimits } from "../../src/lifecycle/mod.ts";

/** What an engine of ours goes by when nobody sets anything. */
export const LIMITS: LifecycleLimits = {
  startTimeoutMs: 10_000,
  idleTimeoutMs: 300_000,
  graceMs: 500,
  drainMs: 5_000,
  closeDrainMs: 3_500,
  reloadDrainMs: 600_000,
  keep: "when_used",
};
