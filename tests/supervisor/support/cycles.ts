/**
 * Starts and stops an engine again and again in simulated time, with an input, a crash or a process
 * that can't be made in between; prints as JSON what is left after a warm-up and at the end.
 * `deno run -A --v8-flags=--expose-gc cycles.ts WARM_UP CYCLES`
 */
import { GOOD } from "../../support/fake_engine.ts";
import { outcome, World } from "../world.ts";

export interface Left {
  readonly cycles: number;
  readonly timers: number;
  readonly heapBytes: number;
}

declare const gc: () => void;

async function cycle(world: World, number: number): Promise<void> {
  const { supervisor, machine, clock } = world;
  machine.next = { ...GOOD, spawn: number % 10 === 3 ? "no_room" : "works" };
  const started = outcome(supervisor.start("echo"));
  await clock.advance(10);
  machine.next = { ...GOOD };
  await clock.advance(number % 10 === 3 ? 40_000 : 10);
  const view = await started;
  if (view === null || typeof view !== "object") throw new Error(`cycle ${number}: ${view}`);
  const input = outcome(supervisor.input("echo", "x"));
  if (number % 10 === 7) machine.newest.exit(1);
  await clock.advance(2_000);
  await input;
  const stopped = supervisor.stop("echo");
  await clock.advance(100);
  await stopped;
  // What the fakes keep of processes that are gone is no leak of ours.
  machine.trees.length = machine.seen.length = 0;
  world.forget();
}

function look(world: World, cycles: number): Left {
  gc();
  return { cycles, timers: world.clock.timers, heapBytes: Deno.memoryUsage().heapUsed };
}

const [warmUp = 0, cycles = 0] = Deno.args.map(Number);
const world = new World({ liveness: "restart" });
const left: Left[] = [];
for (let number = 0; number < cycles; number++) {
  await cycle(world, number);
  if (number + 1 === warmUp || number + 1 === cycles) left.push(look(world, number + 1));
}
console.log(JSON.stringify(left));
