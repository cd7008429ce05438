import { assertEquals } from "@std/assert";
import { createLifecycle, INITIAL_STATE, type LifecycleState } from "../../src/lifecycle/mod.ts";
import { LIMITS } from "../support/lifecycle_limits.ts";
import { useOf } from "../../src/supervisor/room_use.ts";

function readyAt(now: number): LifecycleState {
  const { transition } = createLifecycle(LIMITS);
  const started = transition(INITIAL_STATE, { type: "want", by: "start", until: Infinity }, now);
  return transition(started.state, { type: "ready", generation: 1 }, now).state;
}

Deno.test("useOf() says from when on an idle engine may be stopped, whenever it is asked", () => {
  const states = [readyAt(1_000), INITIAL_STATE];
  for (const now of [1_000, 3_000, 900_000]) {
    assertEquals(useOf(states, { now, minStayMs: 2_000 }), {
      kind: "idle",
      lastUsedAt: 1_000,
      stoppableAt: 3_000,
    });
  }
});
