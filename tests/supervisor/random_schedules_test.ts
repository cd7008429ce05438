/**
 * Random schedules of one engine under a clock that stands still: who calls and leaves, how the
 * engine behaves and ends, how much time passes. Each run makes new ones; to play the same again:
 * `SCHEDULES_SEED=… SCHEDULES_PATH=… deno test -A tests/supervisor/random_schedules_test.ts`, with
 * the two as they were printed.
 *
 * @module
 */
import fc from "fast-check";
import { Schedule } from "./support/schedule.ts";
import { plan } from "./support/steps.ts";

const seed = Deno.env.get("SCHEDULES_SEED");
const path = Deno.env.get("SCHEDULES_PATH");
const numRuns = Number(Deno.env.get("SCHEDULES_RUNS") ?? 1_500);

Deno.test("whatever happens in whatever order, the supervisor keeps its promises", async () => {
  await fc.assert(
    fc.asyncProperty(plan, (plan) => new Schedule(plan).play()),
    {
      numRuns,
      ...(seed === undefined ? {} : { seed: Number(seed) }),
      ...(path === undefined ? {} : { path }),
    },
  );
});
