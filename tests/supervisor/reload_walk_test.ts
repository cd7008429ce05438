/** Configurations that change at random while engines are used: what holds whatever happens. */
import { assertEquals } from "@std/assert";
import type { EngineSettings } from "../../src/config/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { Fleet, type PartialEngines, toSettings } from "./support/fleet.ts";

const GIB = 2 ** 30;
const BUDGET = { memoryBytes: 10 * GIB, vramBytes: null };
const SWAP = { maxWaitMs: 10_000, minStayMs: 2_000 };
const NAMES = ["a", "b", "c"] as const;
const WALKS = 80;
const STEPS = 60;

type Random = (n: number) => number;

/** The same numbers for the same seed. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
}

/** What an engine has stands in its command: its size, its group, its socket. */
function anyEngine(random: Random, name: string): Partial<EngineSettings> {
  const [size, group, socket] = [1 + random(5), random(3), random(4)];
  return {
    command: [name, `${random(3)}`, `${size}`, group === 0 ? "gpu" : "-", socket === 0 ? "s" : "-"],
    size: { memoryBytes: size * GIB, vramBytes: 0 },
    exclusive: group === 0 ? "gpu" : null,
    socket: socket === 0 ? "/run/one.sock" : null,
    slots: random(2) === 0 ? 2 : null,
    idleTimeoutMs: [-1, 3_000, 60_000][random(3)] ?? -1,
    reloadDrainMs: 20_000,
    replicas: socket !== 0 && size === 1 && random(2) === 0
      ? { min: 2, max: null }
      : { min: 1, max: null },
  };
}

function assertRoom(fleet: Fleet, where: string): void {
  const live = fleet.machine.trees.filter(({ isAlive }) => isAlive).map(({ spec }) => spec.argv);
  const sum = live.reduce((sum, [, , size]) => sum + Number(size), 0);
  const of = (at: number, word: string) => live.filter((argv) => argv[at] === word);
  const text = live.map((argv) => argv.join(" ")).join(", ");
  assertEquals(sum <= 10, true, `${where}: ${sum} GiB of 10: ${text}`);
  const groups = new Set(of(3, "gpu").map(([name]) => name));
  assertEquals(groups.size <= 1, true, `${where}: not alone: ${text}`);
  assertEquals(of(4, "s").length <= 1, true, `${where}: on one socket: ${text}`);
}

async function walk(seed: number): Promise<void> {
  const random = seeded(seed);
  let engines: PartialEngines = Object.fromEntries(
    NAMES.map((name) => [name, anyEngine(random, name)]),
  );
  const fleet = new Fleet(engines, { budget: BUDGET, swap: SWAP });
  const pick = () => NAMES[random(NAMES.length)] ?? "a";
  const asks: ReturnType<Fleet["ask"]>[] = [];
  const stops: Promise<unknown>[] = [];
  for (let step = 0; step < STEPS; step++) {
    const what = random(10);
    if (what < 3) asks.push(fleet.ask(pick()));
    else if (what < 5) {
      const [one] = asks.splice(random(asks.length), 1);
      // It waits still, or was refused.
      await one?.end().catch(() => one.leave());
    } else if (what < 7) {
      const name = pick();
      const next = { ...engines, [name]: anyEngine(random, name) };
      if (random(6) === 0) delete next[pick()];
      engines = next;
      fleet.supervisor.apply({ engines: toSettings(engines), budget: BUDGET, swap: SWAP });
    } else if (what === 7) {
      fleet.machine.next.health = random(4) === 0 ? null : 200;
      fleet.machine.next.term = random(4) === 0 ? "ignored" : "exits";
    } else if (what === 8) {
      const alive = fleet.machine.trees.filter(({ isAlive }) => isAlive);
      if (random(2) === 0) alive[random(alive.length)]?.exit(1);
      else stops.push(fleet.supervisor.stop(pick()).catch(() => {}));
    }
    await settle();
    assertRoom(fleet, `seed ${seed}, step ${step}`);
    for (let i = random(4); i > 0; i--) {
      await fleet.clock.advance([10, 500, 3_000][random(3)] ?? 10);
      assertRoom(fleet, `seed ${seed}, step ${step}`);
    }
  }
  await assertServes(fleet, { engines, asks, seed });
  await fleet.close();
  await Promise.all(stops);
  const left = fleet.machine.trees.filter(({ isAlive }) => isAlive).length;
  assertEquals([left, fleet.clock.timers], [0, 0], `seed ${seed}: something is left`);
}

/** Once nothing fails any more each engine serves, by the last that was said of it. */
async function assertServes(
  fleet: Fleet,
  { engines, asks, seed }: {
    readonly engines: PartialEngines;
    readonly asks: ReturnType<Fleet["ask"]>[];
    readonly seed: number;
  },
): Promise<void> {
  fleet.machine.next.health = 200;
  fleet.machine.next.term = "exits";
  for (const tree of fleet.machine.trees) if (tree.isAlive) tree.behaviour.health = 200;
  for (let round = 0; round < 20 && asks.length > 0; round++) {
    await fleet.clock.advance(5_000);
    for (const ask of [...asks]) {
      await ask.end().then(() => asks.splice(asks.indexOf(ask), 1), () => {});
    }
  }
  // What could not be started when it was said is tried again; what failed answers for 30 s with its error.
  fleet.supervisor.apply({ engines: toSettings(engines), budget: BUDGET, swap: SWAP });
  await fleet.clock.advance(90_000);
  for (const [name, settings] of Object.entries(engines)) {
    fleet.log.length = 0;
    const ask = fleet.ask(name);
    await fleet.clock.advance(40_000);
    assertEquals(fleet.log.at(-1), `${name} got it`, `seed ${seed}: ${fleet.states}`);
    const runs = fleet.machine.trees.filter(({ isAlive }) => isAlive)
      .map(({ spec }) => spec.argv.join(" ")).filter((argv) => argv.startsWith(`${name} `));
    assertEquals(
      runs.includes((settings.command ?? []).join(" ")),
      true,
      `seed ${seed}: ${name} runs as ${runs}, not as ${settings.command}`,
    );
    await ask.end();
    await fleet.clock.advance(25_000);
  }
}

const only = Deno.env.get("WALK_SEED");

Deno.test("whatever changes whenever: there is room for all that runs, each engine serves by what was said last", async () => {
  if (only !== undefined) return await walk(Number(only));
  const faults: string[] = [];
  for (let seed = 1; seed <= WALKS; seed++) {
    await walk(seed).catch((error) => faults.push(String(error).split("\n")[0] ?? ""));
  }
  assertEquals(faults, []);
});
