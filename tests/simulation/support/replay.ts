/** A schedule that failed, told so that somebody can mend it. */
import { type Plan, STEPS } from "./plan.ts";
import { play } from "./play.ts";
import { FAULT, type Fault } from "./judge.ts";

/** How many of the last things that happened are told. */
const LAST_LINES = 40;

/** Whether all goes the same, to the millisecond, when nobody sets the wall clock. */
export async function isSameOnStandingWall(plan: Plan): Promise<boolean> {
  const { lines: moving } = await play(plan, true);
  const { lines: standing } = await play({ ...plan, wall: "stands" }, true);
  return moving.join("\n") === standing.join("\n");
}

/** What did not hold in `plan`, with the few steps that it takes; `null` = all holds. */
export async function explain(plan: Plan): Promise<string | null> {
  const found = await firstFault(plan);
  if (found === null) return null;
  const steps = await shrink(plan, found);
  const few = { ...plan, steps };
  const { lines } = await play(few, true);
  const fault = await firstFault(few) ?? found;
  return [
    `${fault.rule}: ${fault.text}`,
    `again: SIMULATION_SEED=${plan.seed} SIMULATION_STEPS=${steps.join(",")} ` +
    "deno test -A tests/simulation",
    ...lines.slice(0, lines.findIndex((line) => line.includes(FAULT)) + 1).slice(-LAST_LINES),
  ].join("\n");
}

async function firstFault(plan: Plan): Promise<Fault | null> {
  const { faults: [fault] } = await play(plan);
  if (fault !== undefined) return fault;
  if (await isSameOnStandingWall(plan)) return null;
  return { rule: "time", text: "it goes otherwise when nobody sets the wall clock" };
}

/** Leaves out steps, ever fewer at once, as long as the same rule is still broken. */
async function shrink(plan: Plan, { rule }: Fault): Promise<readonly number[]> {
  let steps = plan.steps ?? Array.from({ length: STEPS }, (_, index) => index);
  for (let size = steps.length >> 1; size > 0; size >>= 1) {
    for (let end = steps.length; end > 0; end -= size) {
      const fewer = [...steps.slice(0, Math.max(end - size, 0)), ...steps.slice(end)];
      if ((await firstFault({ ...plan, steps: fewer }))?.rule === rule) steps = fewer;
    }
  }
  return steps;
}
