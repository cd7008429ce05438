/** 32 exchanges in their first 4 ms, first come first served. */
import { assertEquals } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FairnessGate, type Slot } from "../../src/front/fairness_gate.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

/** Takes `count` places; `entered` tells in which order they were given. */
function crowd(gate: FairnessGate, count: number) {
  const entered: number[] = [];
  const slots: Slot[] = [];
  const enter = (index: number, slot: Slot) => {
    entered.push(index);
    slots[index] = slot;
  };
  const all = Array.from({ length: count }, (_, index) => {
    const slot = gate.enter();
    if (!(slot instanceof Promise)) return enter(index, slot);
    return slot.then((later) => enter(index, later));
  });
  return { entered, slots, all: Promise.all(all) };
}

Deno.test("32 enter at once, the others in their order as places are given back", async () => {
  const clock = new FakeClock();
  const gate = new FairnessGate(clock);
  const { entered, slots, all } = crowd(gate, 50);
  assertEquals(entered.length, 32);
  for (let index = 0; index < 18; index++) {
    gate.leave(slots[49 - index] ?? slots[index] ?? { takenAt: Infinity });
    await settle();
    assertEquals(entered.length, 33 + index);
  }
  await all;
  assertEquals(entered, Array.from({ length: 50 }, (_, index) => index));
  await clock.advance(2);
  assertEquals(clock.timers, 0);
});

Deno.test("a place is taken back after 4 ms, and giving it back then gives none away", async () => {
  const clock = new FakeClock();
  const gate = new FairnessGate(clock);
  const { entered, slots } = crowd(gate, 33);
  await clock.advance(3);
  assertEquals(entered.length, 32);
  await clock.advance(1);
  assertEquals(entered.length, 33);
  for (const slot of slots) gate.leave(slot);
  const after = crowd(gate, 33);
  assertEquals(after.entered.length, 32);
});

Deno.test("who gives a place back twice gives back one", async () => {
  const gate = new FairnessGate(new FakeClock());
  const { entered, slots } = crowd(gate, 34);
  const [first] = slots;
  if (first === undefined) throw new Error("nobody entered");
  gate.leave(first);
  gate.leave(first);
  await settle();
  assertEquals(entered.length, 33);
});

Deno.test("with nobody waiting there is no timer, however long an exchange lasts", async () => {
  const clock = new FakeClock();
  const gate = new FairnessGate(clock);
  for (let round = 0; round < 1_000; round++) {
    const slot = gate.enter();
    if (slot instanceof Promise) throw new Error("had to wait");
    gate.leave(slot);
  }
  crowd(gate, 32);
  await clock.advance(10);
  assertEquals(clock.timers, 0);
});

Deno.test("beside one exchange that lasts, those that have ended are forgotten", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const gate = new FairnessGate(new FakeClock());
  const lasting = gate.enter();
  const ended = Array.from({ length: 100 }, () => {
    const slot = gate.enter();
    if (slot instanceof Promise) throw new Error("had to wait");
    gate.leave(slot);
    return new WeakRef(slot);
  });
  // What a WeakRef has shown stays until the end of the turn.
  await new Promise((resolve) => setTimeout(resolve, 0));
  collect();
  assertEquals(ended.filter((slot) => slot.deref() !== undefined).length, 0);
  if (!(lasting instanceof Promise)) gate.leave(lasting);
});
