/** What may happen in a random schedule, as data: fast-check makes it, shrinks it and prints it. */
import fc from "fast-check";
import type { EngineSettings } from "../../../src/config/mod.ts";
import type { EngineState } from "../../../src/core/mod.ts";
import type { Behaviour } from "../../support/fake_engine.ts";

/** What a caller does. `leave` makes the n-th of those who wait go away. */
export type Action =
  | { readonly do: "touch" }
  | { readonly do: "start" | "input" | "restart" }
  | { readonly do: "stop"; readonly force: boolean; readonly hold: boolean }
  | { readonly do: "leave"; readonly nth: number };

export type Step =
  | Action
  | { readonly do: "wait"; readonly ms: number }
  /** The engine behaves otherwise from now on: the one that runs, the next one, or both. */
  | { readonly do: "behave"; readonly who: Who; readonly change: Partial<Behaviour> }
  | { readonly do: "exit"; readonly code: number }
  /** All connections to the engine break. */
  | { readonly do: "cut" }
  /** Somebody sets the wall clock. */
  | { readonly do: "set_clock"; readonly hours: number }
  | { readonly do: "slow_files"; readonly ms: number }
  /** Somebody acts in the very moment in which it is told that the engine is in `state`. */
  | { readonly do: "when"; readonly state: EngineState; readonly actions: readonly Action[] };

export type Who = "running" | "next" | "both";

/** What runs before the next step: nothing, a few promises, or everything that can without time. */
export type Pause = "none" | "some" | "all";

export interface Plan {
  readonly settings: Pick<EngineSettings, "idleTimeoutMs" | "drainMs" | "keep" | "liveness">;
  readonly steps: readonly (readonly [Step, Pause])[];
  readonly forced: boolean;
}

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constantFrom("touch") }),
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("start") }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("input") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("restart") }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("stop"), force: fc.boolean(), hold: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("leave"), nth: fc.nat(3) }) },
);

const change: fc.Arbitrary<Partial<Behaviour>> = fc.oneof(
  fc.record({ health: fc.constantFrom<Behaviour["health"]>(200, 500, null, "hangs") }),
  fc.record({ status: fc.constantFrom(200, 500, 404, null) }),
  fc.record({ busy: fc.boolean() }),
  fc.record({ isStopped: fc.boolean() }),
  fc.record({ stop: fc.constantFrom<Behaviour["stop"]>("exits", "missing", "ignored", "hangs") }),
  fc.record({ term: fc.constantFrom<Behaviour["term"]>("exits", "ignored") }),
  fc.record({ input: fc.constantFrom<Behaviour["input"]>("answers", "hangs") }),
  fc.record({ answerMs: fc.constantFrom(0, 1, 40, 60, 700) }),
  fc.record({ exitMs: fc.constantFrom(0, 1, 49, 50, 51, 400) }),
  fc.record({ lookMs: fc.constantFrom(0, 1, 60) }),
  fc.record({ group: fc.constantFrom<Behaviour["group"]>("alone", "outlives") }),
  fc.record({ spawn: fc.constantFrom<Behaviour["spawn"]>("works", "fails", "no_room") }),
  fc.record({ kill: fc.constantFrom<Behaviour["kill"]>("exits", "exits", "exits", "ignored") }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: action },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(0, 1, 5, 30, 50, 100, 300, 500, 1_000, 3_500, 20_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("behave" as const),
      who: fc.constantFrom<Who>("running", "next", "both"),
      change,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("exit" as const), code: fc.constantFrom(0, 3, 3, 3) }),
  },
  fc.record({ do: fc.constant("cut" as const) }),
  fc.record({ do: fc.constant("set_clock" as const), hours: fc.constantFrom(-24, 24) }),
  fc.record({ do: fc.constant("slow_files" as const), ms: fc.constantFrom(0, 10, 400) }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("when" as const),
      state: fc.constantFrom<EngineState>(
        "starting",
        "ready",
        "draining",
        "stopping",
        "stopped",
        "backoff",
        "failed",
      ),
      actions: fc.array(action, { minLength: 1, maxLength: 3 }),
    }),
  },
);

export const plan: fc.Arbitrary<Plan> = fc.record({
  settings: fc.record({
    idleTimeoutMs: fc.constantFrom(-1, 0, 300, 2_000),
    drainMs: fc.constantFrom(0, 200, 6_000),
    keep: fc.constantFrom("when_used", "when_used", "always"),
    liveness: fc.constantFrom("off", "restart"),
  }),
  steps: fc.array(fc.tuple(step, fc.constantFrom<Pause>("all", "some", "none")), {
    maxLength: 80,
    size: "max",
  }),
  forced: fc.boolean(),
});
