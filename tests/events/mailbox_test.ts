/** What waits for a reader: bounded, the newest of what tells how something stands, topics by name. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { EventBus, type LogEvent, type RequestEvent } from "../../src/events/mod.ts";
import { replayable, stateOf, statusOf, viewOf } from "./support/numbered.ts";

const LOG = new Set(["log", "notice"]);

function linesOf(count: number, chars: number, engine = "echo"): LogEvent {
  const line = { t: "2025-01-01T00:00:00Z", stream: "stdout", text: "x".repeat(chars) } as const;
  const lines = Array.from({ length: count }, (_, i) => ({ ...line, n: i + 1, seq: i + 1 }));
  return { type: "log", engine, lines };
}

Deno.test("of what tells how something stands only the newest waits, in its place", () => {
  const bus = new EventBus({ boot: "ab" });
  const subscription = bus.subscribe();
  for (let i = 1; i <= 1_000; i++) {
    bus.publish(statusOf("a", i));
    bus.publish({ type: "snapshot", engines: [viewOf("a", { inflight: i })] });
    if (i === 500) bus.publish(stateOf("b"));
  }
  bus.publish({ type: "snapshot", engines: [viewOf("b")] });
  const taken = subscription.take().map((one) => "event" in one ? one.event : one);
  assertEquals(taken.map(({ type }) => type), ["state", "python_status", "snapshot", "snapshot"]);
  assertEquals(taken[1], statusOf("a", 1_000));
  assertEquals(taken[2], { type: "snapshot", engines: [viewOf("a", { inflight: 1_000 })] });
  assertEquals(bus.bounds().map(({ refused }) => refused), [0, 0]);
});

Deno.test("an older view never comes after a change of state that followed it", () => {
  const bus = new EventBus({ boot: "ab" });
  const subscription = bus.subscribe();
  bus.publish({ type: "snapshot", engines: [viewOf("a", { state: "starting" })] });
  bus.publish(stateOf("a"));
  const types = subscription.take().map((one) => "event" in one && one.event.type);
  assertEquals(types, ["snapshot", "state"]);
});

Deno.test("lines and requests are for those only who name their topics", () => {
  const bus = new EventBus({ boot: "ab" });
  const plain = bus.subscribe();
  assertEquals([bus.wants("log"), bus.wants("request")], [false, false]);
  const named = bus.subscribe({ topics: LOG });
  const other = bus.subscribe({ topics: LOG });
  assertEquals([bus.wants("log"), bus.wants("request")], [true, false]);
  bus.publish(linesOf(1, 1));
  bus.publish(statusOf("a", 1));
  assertEquals(plain.take().length, 1);
  assertEquals(named.take().map((one) => "event" in one && one.event.type), ["log"]);
  named.close();
  named.close();
  assert(bus.wants("log"));
  other.close();
  assert(!bus.wants("log"));
});

Deno.test("what a reader has not named does not wake it", () => {
  const bus = new EventBus({ boot: "ab" });
  const subscription = bus.subscribe({ topics: LOG });
  let woken = 0;
  subscription.onNext(() => woken++);
  bus.publish(statusOf("a", 1));
  assertEquals(woken, 0);
  bus.publish(replayable(1));
  assertEquals(woken, 1);
});

Deno.test("of a request only the newest phase waits", () => {
  const bus = new EventBus({ boot: "ab" });
  const subscription = bus.subscribe({ topics: new Set(["request"]) });
  const event = (id: string, status: number): RequestEvent => ({
    ...{ type: "request", id, traceId: "", way: "input", engine: "a", model: null },
    ...{ method: "POST", path: "/", progress: { phase: "sent" }, startedAt: "", status },
    place: null,
    ...{ errorCode: null, heldMs: null, firstByteMs: null, totalMs: null },
    ...{ bytesIn: 0, bytesOut: 0, tokensIn: null, tokensOut: null },
  });
  for (const status of [1, 2, 3]) {
    bus.publish(event("r1", status));
    bus.publish(event("r2", status));
  }
  const taken = subscription.take().map((one) => "event" in one && one.event);
  assertEquals(taken, [event("r1", 3), event("r2", 3)]);
});

Deno.test("at most 256 kB of lines wait; the oldest give way, and are counted into one gap", () => {
  const bus = new EventBus({ boot: "ab" });
  const subscription = bus.subscribe({ topics: LOG });
  bus.publish(replayable(1));
  for (let i = 0; i < 1_000; i++) bus.publish(linesOf(10, 1_000));
  const [gap, first, ...rest] = subscription.take();
  assertEquals(gap, { type: "gap", missed: 0, lines: 9_740 });
  assertEquals(first !== undefined && "event" in first && first.event, replayable(1));
  assertEquals(rest.length, 26);
  assertEquals(bus.bounds().map(({ refused }) => refused), [0, 9_740]);
  bus.publish(linesOf(1, 1));
  assertEquals(subscription.take().length, 1, "and it goes on whole");
});

Deno.test("one batch that is too large by itself is let go, not kept for ever", () => {
  const bus = new EventBus({ boot: "ab" });
  const subscription = bus.subscribe({ topics: LOG });
  bus.publish(linesOf(1, 300_000));
  assertEquals(subscription.take(), [{ type: "gap", missed: 0, lines: 1 }]);
});

Deno.test("events and lines that give way are told apart, in one gap", () => {
  const bus = new EventBus({ boot: "ab", mailboxSize: 4 });
  const subscription = bus.subscribe({ topics: LOG });
  bus.publish(linesOf(3, 1));
  for (let i = 1; i <= 5; i++) bus.publish(replayable(i));
  const taken = subscription.take();
  assertEquals(taken[0], { type: "gap", missed: 1, lines: 3 });
  assertLessOrEqual(taken.length, 5);
});
