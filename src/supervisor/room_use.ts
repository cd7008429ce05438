import type { EngineSettings } from "../config/mod.ts";
import type { LifecycleState } from "../lifecycle/mod.ts";
import type { Claim, Use } from "./room_plan.ts";

/** How instances are used of which at least one runs or is to run. */
export function useOf(
  states: readonly LifecycleState[],
  { now, minStayMs }: { readonly now: number; readonly minStayMs: number },
): Use {
  let lastUsedAt = 0;
  // Not the time of this look: the next one is later, and would find it in the future for ever.
  let stoppableAt = -Infinity;
  for (const state of states) {
    if (state.name === "starting") return { kind: "used" };
    if (state.name !== "ready") continue;
    if (state.work.inflight > 0 || state.work.busyUntil > now) return { kind: "used" };
    lastUsedAt = Math.max(lastUsedAt, state.work.lastActivityAt);
    stoppableAt = Math.max(stoppableAt, state.since + minStayMs);
  }
  return { kind: "idle", lastUsedAt, stoppableAt };
}

/**
 * How instances are used that are all on their way out. What ends its work for a reload may take long:
 * nobody counts on its room.
 */
export function useOfLeaving(states: readonly LifecycleState[]): Use {
  const isSlow = states.some(({ name, reason }) => name === "draining" && reason === "reload");
  return { kind: isSlow ? "pinned" : "leaving" };
}

/**
 * What `count` instances take; `peakBytes` is what one was seen to have where no size is set. Of those
 * that listen in one place only one can run.
 */
export function claimOf(
  { size, exclusive, socket, port }: EngineSettings,
  { count, peakBytes }: { readonly count: number; readonly peakBytes: number },
): Claim {
  const memoryBytes = (size.memoryBytes ?? peakBytes) * count;
  return {
    size: { memoryBytes, vramBytes: size.vramBytes * count },
    exclusive: [
      ...(exclusive === null ? [] : [`exclusive ${exclusive}`]),
      ...(socket === null ? [] : [`socket ${socket}`]),
      ...(port === null ? [] : [`port ${port}`]),
    ],
  };
}
