import { assertEquals } from "@std/assert";
import { Lookout, type Watched } from "../../src/core/mod.ts";
import { FakeClock, LATE_MS } from "../support/fake_clock.ts";

/** Waits that write their names down when their limit is reached. */
function setup() {
  const clock = new FakeClock();
  const lookout = new Lookout(clock);
  const reached: string[] = [];
  class Wait implements Watched {
    readonly name: string;
    deadlineAt = Infinity;
    onReached = () => {};

    constructor(name: string, limitMs: number) {
      this.name = name;
      lookout.add(this);
      this.limit(limitMs);
    }

    limit(limitMs: number) {
      this.deadlineAt = lookout.now() + limitMs;
      lookout.expect(this.deadlineAt);
    }

    onDeadline() {
      this.deadlineAt = Infinity;
      reached.push(this.name);
      this.onReached();
    }
  }
  const add = (name: string, limitMs: number) => new Wait(name, limitMs);
  return { clock, lookout, reached, add };
}

Deno.test("waits share one timer, and each is told when its limit is reached, never before", async () => {
  const { clock, reached, add } = setup();
  add("late", 3_000);
  add("early", 1_000);
  add("middle", 2_000);
  await clock.advance(LATE_MS);
  assertEquals(clock.timers, 1);
  let told: string[] = [];
  for (const name of ["early", "middle", "late"]) {
    await clock.advance(999 - LATE_MS);
    assertEquals(reached, told);
    told = [...told, name];
    await clock.advance(LATE_MS + 1);
    assertEquals(reached, told);
  }
  assertEquals(clock.timers, 0);
});

Deno.test("a limit that moves away is reached later, one that moves near earlier", async () => {
  const { clock, reached, add } = setup();
  const away = add("away", 1_000);
  const near = add("near", 5_000);
  away.limit(4_000);
  near.limit(1_500);
  await clock.advance(1_499);
  assertEquals(reached, []);
  await clock.advance(LATE_MS + 1);
  assertEquals(reached, ["near"]);
  await clock.advance(2_299);
  assertEquals(reached, ["near"]);
  await clock.advance(LATE_MS + 1);
  assertEquals(reached, ["near", "away"]);
});

Deno.test("who is removed is told nothing, and the last one takes the timers with it", async () => {
  const { clock, lookout, reached, add } = setup();
  const first = add("first", 1_000);
  const second = add("second", 2_000);
  lookout.remove(first);
  await clock.advance(1_500);
  assertEquals([reached, clock.timers], [[], 1]);
  second.limit(2_000);
  lookout.remove(second);
  assertEquals(clock.timers, 0);
  await clock.advance(5_000);
  assertEquals(reached, []);
});

Deno.test("a wait without end keeps no timer", async () => {
  const { clock, add } = setup();
  add("never", Infinity);
  await clock.advance(LATE_MS);
  assertEquals(clock.timers, 0);
});

Deno.test("one may be removed by another whose limit is reached with it", async () => {
  const { clock, lookout, reached, add } = setup();
  const first = add("first", 1_000);
  const second = add("second", 1_000);
  first.onReached = () => lookout.remove(second);
  await clock.advance(1_000 + LATE_MS);
  assertEquals([reached, clock.timers], [["first"], 0]);
  lookout.remove(first);
  assertEquals(clock.timers, 0);
});
