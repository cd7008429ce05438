/**
 * Time that jumps (contract section 3, end): the supervisor and the gateway on the real clock, which a
 * suspend of an hour and people who set the wall clock meet.
 */
import { assertEquals } from "@std/assert";
import type { EngineSettings } from "../../src/config/mod.ts";
import type { EngineEvent } from "../../src/events/mod.ts";
import { House } from "./support/house.ts";
import { diceFor, settingsOf } from "./support/plan.ts";
import { goodTemper, type Temper } from "./support/temper.ts";

const HOUR_MS = 3_600_000;

class TimedHouse extends House {
  readonly changes: string[];

  constructor(settings: Partial<EngineSettings>, temper: Partial<Temper> = {}) {
    const changes: string[] = [];
    super({
      engines: [{ ...settingsOf("ant"), ...settings }],
      draw: () => ({ ...goodTemper(diceFor(1, "time")), bindMs: 0, warmMs: 0, ...temper }),
      onSpawn: () => {},
      publish: (event: EngineEvent) => {
        if (event.type !== "state") return;
        changes.push(`${this.clock.now()} ${event.from} > ${event.to} (${event.reason})`);
      },
      fault: (text) => {
        throw new Error(text);
      },
      fraction: () => 0.5,
    });
    this.changes = changes;
  }

  get state(): string {
    return this.supervisor.view("ant").state;
  }

  async started(): Promise<this> {
    const started = this.supervisor.start("ant");
    await this.advance(100);
    await started;
    return this;
  }
}

Deno.test("a suspend of an hour stops nothing, starts nothing and times nothing out", async () => {
  using house = await new TimedHouse({ idleTimeoutMs: 300_000, liveness: "restart" }).started();
  const { supervisor } = house;
  const before = house.changes.length;
  for (let hours = 0; hours < 5; hours++) {
    await house.jump(HOUR_MS);
    assertEquals([house.state, house.changes.length], ["ready", before]);
    await house.advance(10_000);
  }
  assertEquals([house.changes.length, house.gaps.length], [before, 5]);
  // The idle clock goes on where it was: 5 × 10 s and a beat for each hour have passed.
  await house.advance(240_000);
  assertEquals(house.state, "ready");
  await house.advance(20_000);
  assertEquals([house.state, supervisor.view("ant").reason], ["stopped", "idle"]);
});

Deno.test("a suspend in the middle of a start, a drain and a stop leaves them their time", async () => {
  using house = new TimedHouse(
    { startTimeoutMs: 5_000, drainMs: 5_000, graceMs: 5_000 },
    { bindMs: 4_500, work: "hangs", stop: "ignored" },
  );
  const { supervisor } = house;
  const lease = Promise.resolve(supervisor.lease("ant"));
  await house.advance(500);
  await house.jump(HOUR_MS);
  await house.advance(3_600);
  const lent = await lease;
  assertEquals(house.state, "ready");
  const stopped = supervisor.stop("ant");
  await house.advance(500);
  await house.jump(HOUR_MS);
  await house.advance(1_000);
  assertEquals(house.state, "draining");
  lent.release();
  await house.advance(500);
  await house.jump(HOUR_MS);
  await house.advance(1_000);
  const [process] = house.machine.processes;
  assertEquals([house.state, process?.termed], ["stopping", undefined]);
  await house.advance(5_000);
  assertEquals([(await stopped).state, process?.ended?.exit.osSignal], ["stopped", "SIGTERM"]);
});

Deno.test("a backoff is not over after a suspend; after it there is one start, not a storm", async () => {
  using house = await new TimedHouse({ keep: "always" }).started();
  house.machine.processes.at(-1)?.exit(1);
  await house.advance(50);
  assertEquals(house.state, "backoff");
  const before = house.machine.processes.length;
  // A beat of a second is counted: a wait of 0.75 s is over, none that is longer.
  await house.jump(HOUR_MS);
  await house.advance(5_000);
  assertEquals([house.state, house.machine.processes.length], ["ready", before + 1]);
});

Deno.test("a wall clock that is set back and forth changes nothing but what is shown", async () => {
  const run = async (wallMs: readonly number[]) => {
    using house = await new TimedHouse({ idleTimeoutMs: 20_000, liveness: "restart" }).started();
    for (const byMs of wallMs) {
      house.setWall(byMs);
      await house.advance(6_000);
    }
    const shown = house.supervisor.view("ant").since;
    return { changes: house.changes, shown, wall: Date.now() };
  };
  const still = await run([0, 0, 0, 0]);
  const set = await run([24 * HOUR_MS, -48 * HOUR_MS, 365 * 24 * HOUR_MS, -HOUR_MS]);
  assertEquals(set.changes, still.changes);
  assertEquals(set.changes.at(-1)?.includes("(idle)"), true);
  const shownAgoMs = ({ shown, wall }: typeof set) => wall - Date.parse(shown);
  assertEquals(Math.round(shownAgoMs(set)), Math.round(shownAgoMs(still)));
});
