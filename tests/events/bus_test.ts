import { assert, assertEquals, assertLessOrEqual, assertStrictEquals } from "@std/assert";
import { type Delivery, EventBus, type Gap, type Published } from "../../src/events/mod.ts";
import { numberOf, replayable, stateOf, statusOf, volatile } from "./support/numbered.ts";

function idsOf(deliveries: readonly Delivery[]): (string | null)[] {
  return deliveries.map((one) => "type" in one ? "gap" : one.id);
}

function numbersOf(deliveries: readonly Delivery[]): (number | Gap)[] {
  return deliveries.map((one) => "type" in one ? one : numberOf(one.event));
}

function fill(bus: EventBus, count: number): void {
  for (let i = 1; i <= count; i++) bus.publish(replayable(i));
}

Deno.test("publish() numbers what can be replayed without a hole and nothing else", () => {
  const bus = new EventBus({ boot: "ab12" });
  const subscription = bus.subscribe();
  bus.publish(replayable(1));
  bus.publish(volatile(2));
  bus.publish(replayable(3));
  bus.publish(statusOf("other", 4));
  bus.publish(replayable(5));
  assertEquals(idsOf(subscription.take()), ["ab12.1", null, "ab12.2", null, "ab12.3"]);
  assertEquals(bus.lastId, "ab12.3");
});

Deno.test("a new subscriber without an id gets only what comes", () => {
  const bus = new EventBus({ boot: "ab" });
  fill(bus, 3);
  const subscription = bus.subscribe();
  assertEquals([subscription.replay, subscription.take()], ["none", []]);
  bus.publish(replayable(4));
  assertEquals(numbersOf(subscription.take()), [4]);
});

Deno.test("subscribe() replays what came after the id, then goes on live", () => {
  const bus = new EventBus({ boot: "ab" });
  fill(bus, 3);
  const subscription = bus.subscribe({ after: "ab.1" });
  bus.publish(volatile(4));
  assertEquals(subscription.replay, "full");
  assertEquals(numbersOf(subscription.take()), [2, 3, 4]);
});

Deno.test("subscribe() replays nothing, and misses nothing, after the newest id", () => {
  const bus = new EventBus({ boot: "ab" });
  fill(bus, 3);
  const subscription = bus.subscribe({ after: bus.lastId });
  assertEquals([subscription.replay, subscription.take()], ["full", []]);
});

Deno.test("subscribe() replays everything after the id of an empty bus", () => {
  const bus = new EventBus({ boot: "ab" });
  const { lastId } = bus;
  fill(bus, 2);
  assertEquals(numbersOf(bus.subscribe({ after: lastId }).take()), [1, 2]);
});

// deno-fmt-ignore
const STRANGE = [
  "cd.1", "ab.4", "ab.99999999999999999999", "ab", "ab.", "ab.-1", "ab.1.5", "ab.1e0", "ab.x", "",
  ".1", " ab.1", "ab.1\n", "AB.1", "null", "ab.\u0661",
];

for (const after of STRANGE) {
  Deno.test(`subscribe() says that nothing is known after the id ${JSON.stringify(after)}`, () => {
    const bus = new EventBus({ boot: "ab" });
    fill(bus, 3);
    const subscription = bus.subscribe({ after });
    bus.publish(replayable(4));
    assertEquals(subscription.replay, "none");
    assertEquals(numbersOf(subscription.take()), [{ type: "gap", missed: null }, 4]);
  });
}

Deno.test("what has left the ring is a gap that counts, before what is left", () => {
  const bus = new EventBus({ boot: "ab", ringSize: 3 });
  fill(bus, 10);
  const subscription = bus.subscribe({ after: "ab.2" });
  assertEquals(subscription.replay, "partial");
  assertEquals(numbersOf(subscription.take()), [{ type: "gap", missed: 5 }, 8, 9, 10]);
});

Deno.test("an id just within the ring is replayed whole", () => {
  const bus = new EventBus({ boot: "ab", ringSize: 3 });
  fill(bus, 10);
  const subscription = bus.subscribe({ after: "ab.7" });
  assertEquals(subscription.replay, "full");
  assertEquals(numbersOf(subscription.take()), [8, 9, 10]);
});

Deno.test("a mailbox that overflows loses its oldest and says how many", () => {
  const bus = new EventBus({ boot: "ab", mailboxSize: 3 });
  const subscription = bus.subscribe();
  fill(bus, 5);
  assertEquals(numbersOf(subscription.take()), [{ type: "gap", missed: 2 }, 3, 4, 5]);
  bus.publish(replayable(6));
  assertEquals(numbersOf(subscription.take()), [6]);
});

Deno.test("a gap at the start of a replay grows when the mailbox overflows behind it", () => {
  const bus = new EventBus({ boot: "ab", ringSize: 2, mailboxSize: 2 });
  fill(bus, 10);
  const subscription = bus.subscribe({ after: "ab.1" });
  for (let i = 11; i <= 15; i++) bus.publish(replayable(i));
  assertEquals(numbersOf(subscription.take()), [{ type: "gap", missed: 10 }, 12, 13, 14, 15]);
});

Deno.test("a gap of unknown size stays one when the mailbox overflows behind it", () => {
  const bus = new EventBus({ boot: "ab", mailboxSize: 2 });
  const subscription = bus.subscribe({ after: "cd.1" });
  fill(bus, 5);
  assertEquals(numbersOf(subscription.take()), [{ type: "gap", missed: null }, 4, 5]);
});

Deno.test("a replay larger than a mailbox is kept whole when more comes", () => {
  const bus = new EventBus({ boot: "ab", mailboxSize: 2 });
  fill(bus, 9);
  const subscription = bus.subscribe({ after: "ab.0" });
  bus.publish(replayable(10));
  assertEquals(numbersOf(subscription.take()), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

Deno.test("a subscriber that never reads costs one mailbox, however much is published", () => {
  const bus = new EventBus({ boot: "ab", ringSize: 10, mailboxSize: 8 });
  const subscription = bus.subscribe();
  fill(bus, 50_000);
  const taken = subscription.take();
  assertLessOrEqual(taken.length, 9);
  assertEquals(taken[0], { type: "gap", missed: 49_992 });
});

Deno.test("one that never reads takes nothing away from one that does", () => {
  const bus = new EventBus({ boot: "ab", mailboxSize: 2 });
  bus.subscribe();
  const reader = bus.subscribe();
  const seen: Delivery[] = [];
  for (let i = 1; i <= 100; i++) {
    bus.publish(replayable(i));
    seen.push(...reader.take());
  }
  assertEquals(numbersOf(seen), Array.from({ length: 100 }, (_, i) => i + 1));
});

Deno.test("onNext() wakes once, with the next event", () => {
  const bus = new EventBus({ boot: "ab" });
  const subscription = bus.subscribe();
  let woken = 0;
  subscription.onNext(() => woken++);
  assertEquals(woken, 0);
  bus.publish(replayable(1));
  bus.publish(replayable(2));
  assertEquals(woken, 1);
});

Deno.test("onNext() wakes at once when something waits already, a gap too", () => {
  const bus = new EventBus({ boot: "ab" });
  const events = bus.subscribe();
  bus.publish(replayable(1));
  const gap = bus.subscribe({ after: "cd.1" });
  let woken = 0;
  events.onNext(() => woken++);
  gap.onNext(() => woken++);
  assertEquals(woken, 2);
  events.take();
  gap.take();
  events.onNext(() => woken++);
  gap.onNext(() => woken++);
  assertEquals(woken, 2);
});

Deno.test("close() of a subscription wakes its reader, keeps what waits and takes nothing more", () => {
  const bus = new EventBus({ boot: "ab" });
  const subscription = bus.subscribe();
  let woken = 0;
  subscription.onNext(() => woken++);
  bus.publish(replayable(1));
  subscription.onNext(() => woken++);
  assertEquals(woken, 2);
  subscription.close();
  subscription.close();
  bus.publish(replayable(2));
  assertEquals([subscription.isClosed, bus.subscribers], [true, 0]);
  assertEquals(numbersOf(subscription.take()), [1]);
  subscription.onNext(() => woken++);
  assertEquals(woken, 3, "a closed one wakes at once");
});

Deno.test("close() of the bus wakes every reader", () => {
  const bus = new EventBus({ boot: "ab" });
  const woken: number[] = [];
  const subscriptions = [1, 2, 3].map((i) => {
    const subscription = bus.subscribe();
    subscription.onNext(() => woken.push(i));
    return subscription;
  });
  bus.close();
  assertEquals(woken, [1, 2, 3]);
  assert(subscriptions.every(({ isClosed }) => isClosed));
  assertEquals(bus.subscribers, 0);
});

Deno.test("publish() does not throw when a reader does, and the others still hear of it", () => {
  const bus = new EventBus({ boot: "ab" });
  const fault = new Error("reader");
  const told: unknown[] = [];
  const listen = (event: ErrorEvent) => {
    event.preventDefault();
    told.push(event.error);
  };
  const bad = bus.subscribe();
  const good = bus.subscribe();
  const seen: Delivery[] = [];
  bad.onNext(() => {
    throw fault;
  });
  good.onNext(() => seen.push(...good.take()));
  addEventListener("error", listen);
  try {
    bus.publish(replayable(1));
  } finally {
    removeEventListener("error", listen);
  }
  assertEquals(numbersOf(seen), [1]);
  assertEquals(told.length, 1);
  assertStrictEquals(told[0], fault);
});

Deno.test("a reader that publishes when woken does not get ahead of others' order", () => {
  const bus = new EventBus({ boot: "ab" });
  const first = bus.subscribe();
  const second = bus.subscribe();
  first.onNext(() => bus.publish(replayable(2)));
  bus.publish(replayable(1));
  for (const subscription of [first, second]) {
    const taken = subscription.take();
    assertEquals(numbersOf(taken), [1, 2]);
    assertEquals(taken.map((one) => (one as Published).id), ["ab.1", "ab.2"]);
  }
});

Deno.test("a reader that subscribes or closes when woken disturbs nobody", () => {
  const bus = new EventBus({ boot: "ab" });
  const first = bus.subscribe();
  const second = bus.subscribe();
  let late: Delivery[] = [];
  first.onNext(() => {
    first.close();
    second.close();
    late = bus.subscribe({ after: "ab.0" }).take();
  });
  bus.publish(replayable(1));
  assertEquals(numbersOf(second.take()), [1]);
  assertEquals(numbersOf(late), [1]);
  assertEquals(bus.subscribers, 1);
});

Deno.test("latest() finds the newest of its type and engine, replayable or not", () => {
  const bus = new EventBus({ boot: "ab", ringSize: 1 });
  bus.publish(statusOf("a", 1));
  bus.publish(statusOf("b", 2));
  bus.publish(statusOf("a", 3));
  bus.publish(replayable(4));
  assertEquals(bus.latest("python_status", "a")?.status, { n: 3 });
  assertEquals(bus.latest("python_status", "b")?.status, { n: 2 });
  assertEquals(bus.latest("python_status", "c"), undefined);
  assertEquals(bus.latest("notice")?.title, "4");
});

Deno.test("latest() forgets a status with that engine's next change of state", () => {
  const bus = new EventBus({ boot: "ab" });
  bus.publish(statusOf("a", 1));
  bus.publish(statusOf("b", 2));
  bus.publish(stateOf("a"));
  assertEquals(bus.latest("python_status", "a"), undefined);
  assertEquals(bus.latest("python_status", "b")?.status, { n: 2 });
  assertEquals(bus.latest("state", "a")?.to, "ready");
});
