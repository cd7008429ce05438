import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createLifecycle,
  IllegalEventError,
  INITIAL_STATE,
  type LifecycleEvent,
  type LifecycleState,
  TABLE,
} from "../../src/lifecycle/mod.ts";
import { SpawnError } from "../../src/core/mod.ts";
import { LIMITS } from "../support/lifecycle_limits.ts";

const machine = createLifecycle(LIMITS);

const by = fc.constantFrom("start", "input", "request", "request", "scale", "reload");
const until = fc.constantFrom(0, Infinity);
const waiting = fc.option(by, { nil: null });
const WORDS = { detail: "no", remedy: "none" };
const errors = [new SpawnError(WORDS), new SpawnError(WORDS, "descriptors")];

/** Any event; `back` is how many generations old it is. */
const anyEvent: fc.Arbitrary<[event: LifecycleEvent, back: number, afterMs: number]> = fc.tuple(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant("want"), by, until }) },
    fc.constant({ type: "touch" }),
    fc.constant({ type: "unhold" }),
    fc.record({
      type: fc.constant("stop"),
      cause: fc.constantFrom("user", "restart", "shutdown", "scale", "evicted", "reload"),
      urgency: fc.constantFrom("drain", "force", "kill"),
      wakes: fc.constantFrom("on_demand", "by_hand", "never"),
    }),
    fc.record({ type: fc.constant("deadline"), waiting }),
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constantFrom(
          "release",
          "release",
          "spawn_failed",
          "not_yet",
          "ready",
          "polled",
          "stop_unavailable",
          "exited",
          "gone",
          "unhealthy",
        ),
        chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
        generation: fc.constant(0),
        error: fc.constantFrom(...errors),
        status: fc.constantFrom(404, 500),
        busy: fc.boolean(),
        exit: fc.constantFrom({ code: 0, osSignal: null }, { code: 1, osSignal: null }),
        waiting,
      }),
    },
  ) as fc.Arbitrary<LifecycleEvent>,
  fc.constantFrom(0, 0, 0, 1),
  fc.oneof(fc.nat(400_000), { weight: 2, arbitrary: fc.nat(100) }),
);

/** What chance meets too rarely: a job runs when the process is replaced, and ends then. */
const BUSY_WHEN_REPLACED: [LifecycleEvent, number, number][] = [
  [{ type: "want", by: "start", until: Infinity }, 0, 0],
  [{ type: "ready", generation: 0 }, 0, 0],
  [{ type: "polled", generation: 0, busy: true }, 0, 0],
  [{ type: "stop", cause: "reload", urgency: "drain", wakes: "on_demand" }, 0, 0],
  [{ type: "polled", generation: 0, busy: false }, 0, 0],
];

/** Plays random events; illegal ones are skipped. */
function walk(
  events: [LifecycleEvent, number, number][],
  look: (from: LifecycleState, event: LifecycleEvent, to: LifecycleState) => void,
): LifecycleState {
  let state: LifecycleState = INITIAL_STATE;
  let now = 0;
  for (const [planned, back, afterMs] of events) {
    now += afterMs;
    const event = "generation" in planned
      ? { ...planned, generation: Math.max(state.generation - back, 0) }
      : planned;
    if (event.type === "release" && state.name === "ready" && state.work.inflight === 0) continue;
    try {
      const next = machine.transition(state, event, now).state;
      look(state, event, next);
      state = next;
    } catch (error) {
      assert(error instanceof IllegalEventError, String(error));
    }
  }
  return state;
}

Deno.test("each row leads only where it says", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      walk(events, (from, event, to) => {
        if ("generation" in event && event.generation !== from.generation) return;
        const rule = TABLE[from.name][event.type];
        assert(rule !== undefined);
        assert(rule.to.includes(to.name), `${from.name} --${event.type}--> ${to.name}`);
      });
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("each place that a row names can be reached", () => {
  const wanted = new Set<string>();
  for (const [from, row] of Object.entries(TABLE)) {
    for (const [event, rule] of Object.entries(row)) {
      for (const to of rule.to) wanted.add(`${from} ${event} ${to}`);
    }
  }
  const walks = fc.sample(fc.array(anyEvent, { minLength: 60, maxLength: 60 }), {
    numRuns: 4_000,
    seed: 7,
  });
  for (const events of [...walks, BUSY_WHEN_REPLACED]) {
    walk(events, (from, event, to) => wanted.delete(`${from.name} ${event.type} ${to.name}`));
  }
  assertEquals([...wanted], []);
});

Deno.test("a generation never goes back, and only a start makes a new one", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      walk(events, (from, _event, to) => {
        assertEquals(
          to.generation - from.generation,
          to.name === "starting" && to !== from ? to.generation === from.generation ? 0 : 1 : 0,
        );
      });
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("every state but ready and rest ends by itself: it has a deadline", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      walk(events, (_from, _event, to) => {
        if (["starting", "draining", "stopping", "backoff"].includes(to.name)) {
          assert(machine.deadlineOf(to) !== null, to.name);
        }
      });
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("every state can be left for a process by somebody who asks for one", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      let now = 0;
      for (const [, , afterMs] of events) now += afterMs;
      let state = walk(events, () => {});
      if ("wakes" in state && state.wakes === "never") return;
      for (let i = 0; i < 8 && state.name !== "ready"; i++) {
        const { generation } = state;
        if (state.name === "stopped" || state.name === "backoff" || state.name === "failed") {
          const want = { type: "want", by: "start", until: Infinity } as const;
          state = machine.transition(state, want, now).state;
        } else if (state.name === "starting") {
          state = machine.transition(state, { type: "ready", generation }, now).state;
        } else {
          now = Math.max(now, machine.deadlineOf(state) ?? now);
          state = machine.transition(state, { type: "deadline", waiting: "start" }, now).state;
        }
      }
      assertEquals(state.name, "ready");
    }),
    { numRuns: 2_000 },
  );
});
