import { assertEquals } from "@std/assert";
import { engineOf, SOLO, TROUPE } from "../../tasks/chaos/cast.ts";
import { excessOf } from "../../tasks/chaos/instances.ts";

function excess(...runs: readonly string[]): readonly string[] {
  return excessOf(new Map(runs.map((run) => [`b00t-${run}`, null])), TROUPE);
}

Deno.test("engineOf() reads the engine out of a run id, whatever it is called", () => {
  assertEquals(["b00t-well-1", "b00t-a-b-12", "b00t-bad_engine-3"].map(engineOf), [
    "well",
    "a-b",
    "bad_engine",
  ]);
});

Deno.test("an engine may have as many instances as the file says, one where it says nothing", () => {
  assertEquals(excess("many-1", "many-2", "many-3", "well-4", "bad-5"), []);
  assertEquals(excess("many-1", "many-2", "many-3", "many-4"), [
    "more than 3 of many at a time",
  ]);
  assertEquals(excess("well-1", "well-2"), ["more than 1 of well at a time"]);
  const solo = new Map([["b00t-bad_engine-1", 0], ["b00t-bad_engine-2", 0]]);
  assertEquals(excessOf(solo, SOLO), ["more than 1 of bad_engine at a time"]);
});

Deno.test("engines that reloads change give way to their own", () => {
  assertEquals(excess("renewed-1", "renewed-2", "renewed-3", "guest-4", "guest-5"), []);
});

Deno.test("of two engines that want the same thing one runs", () => {
  assertEquals(excess("left-1", "many-2"), []);
  assertEquals(excess("left-1", "right-2"), ["two that want card"]);
});

Deno.test("what runs is within the budget", () => {
  const full = ["many-1", "many-2", "many-3", "bad-4", "left-5", "well-6", "renewed-7"];
  assertEquals(excess(...full), []);
  assertEquals(excess(...full, "renewed-8"), ["650 MiB of 600"]);
});
