import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { SystemClock } from "../../src/platform/mod.ts";
import { VirtualTimers } from "../support/virtual_timers.ts";

/** A clock over virtual timers, and what it told of gaps. */
function withVirtual(
  use: (parts: { clock: SystemClock; timers: VirtualTimers; gaps: number[] }) => void,
): void {
  const timers = new VirtualTimers();
  timers.during(() => {
    const gaps: number[] = [];
    const clock = new SystemClock({ onGap: (gapMs) => gaps.push(gapMs) });
    use({ clock, timers, gaps });
    clock.close();
    assertEquals(timers.waiting, 0, "timers left behind");
  });
}

Deno.test("at() fires at its deadline, once, in the order of deadlines", () => {
  withVirtual(({ clock, timers }) => {
    const fired: string[] = [];
    clock.at(300, () => fired.push(`b${clock.now()}`));
    clock.at(100.5, () => fired.push(`a${clock.now()}`));
    timers.runTo(100);
    assertEquals(fired, []);
    timers.runTo(60_000);
    assertEquals(fired, ["a101", "b300"]);
  });
});

Deno.test("at() fires soon for a deadline that has passed, but not while it is called", () => {
  withVirtual(({ clock, timers }) => {
    let fired = 0;
    timers.runTo(1_000);
    for (const deadline of [999, -5, -Infinity, NaN]) clock.at(deadline, () => fired++);
    assertEquals(fired, 0);
    timers.runTo(1_001);
    assertEquals(fired, 4);
  });
});

Deno.test("at() with a delay beyond 2^31 ms fires then and not before", () => {
  withVirtual(({ clock, timers, gaps }) => {
    const fired: number[] = [];
    const deadline = 2 ** 31 + 5_000;
    clock.at(deadline, () => fired.push(clock.now()));
    timers.runTo(deadline - 1);
    assertEquals(fired, []);
    timers.runTo(deadline);
    assertEquals(fired, [deadline]);
    assertLessOrEqual(Math.max(...timers.delays), 2 ** 31 - 1);
    assertEquals(gaps, []);
  });
});

Deno.test("a timer can be cancelled before it fires, after it was set again, and after it fired", () => {
  withVirtual(({ clock, timers }) => {
    let fired = 0;
    const never = clock.at(Infinity, () => fired++);
    const early = clock.at(50, () => fired++);
    const done = clock.at(10, () => fired++);
    timers.runTo(20);
    early.cancel();
    early.cancel();
    done.cancel();
    // A suspend: the timer is due, finds that its time has not come, and is set again.
    const shifted = clock.at(30_000, () => fired++);
    timers.jumpTo(60_000);
    shifted.cancel();
    timers.runTo(200_000);
    never.cancel();
    assertEquals(fired, 1);
  });
});

Deno.test("a suspend shifts a deadline and is told once", () => {
  withVirtual(({ clock, timers, gaps }) => {
    const fired: number[] = [];
    clock.at(10_000, () => fired.push(timers.nowMs));
    timers.runTo(4_000);
    timers.jumpTo(3_604_000);
    assertEquals([fired, gaps], [[], [3_600_000]]);
    assertEquals(clock.now(), 5_000);
    timers.runTo(3_608_999);
    assertEquals(fired, []);
    timers.runTo(3_609_000);
    assertEquals([fired, gaps], [[3_609_000], [3_600_000]]);
  });
});

Deno.test("now() is looked at every second even when nobody asks, so idle time passes", () => {
  withVirtual(({ clock, timers, gaps }) => {
    timers.runTo(3_600_000);
    assertEquals(clock.now(), 3_600_000);
    assertEquals(gaps, []);
  });
});

Deno.test("the real clock fires in order, goes on, and shows the wall", async () => {
  const clock = new SystemClock();
  try {
    const begun = clock.now();
    const fired: string[] = [];
    clock.at(begun + 2 ** 32, () => fired.push("far")).cancel();
    const far = clock.at(begun + 2 ** 40, () => fired.push("far"));
    await new Promise<void>((resolve) => {
      clock.at(begun + 30, () => {
        fired.push("late");
        resolve();
      });
      clock.at(begun + 5, () => fired.push("early"));
    });
    far.cancel();
    assertEquals(fired, ["early", "late"]);
    assertGreaterOrEqual(clock.now() - begun, 30);
    assert(Math.abs(clock.wall() - Date.now()) < 5_000);
  } finally {
    clock.close();
  }
});
