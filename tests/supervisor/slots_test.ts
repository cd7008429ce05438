/** Slots: how many requests an instance works on at once, and the line of those who wait for one. */
import { assert, assertEquals } from "@std/assert";
import { AdmissionError } from "../../src/core/mod.ts";
import type { EngineLease, LeaseOptions } from "../../src/supervisor/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { World } from "./world.ts";
import type { EngineSettings } from "../../src/config/mod.ts";

async function readyWorld(settings: Partial<EngineSettings>): Promise<World> {
  const world = new World(settings);
  const start = world.supervisor.start("echo");
  await world.clock.advance(100);
  await start;
  return world;
}

/** Asks for a lease and writes down, in `order`, when it has it or why not. */
function asking(world: World, order: string[]) {
  const leases = new Map<string, EngineLease>();
  const ask = (name: string, options: LeaseOptions = {}) => {
    (async () => await world.supervisor.lease("echo", options))().then((lease) => {
      order.push(name);
      leases.set(name, lease);
    }, (error) => {
      const { code = "left", retryAfterS } = error instanceof AdmissionError ? error : {};
      order.push(`${name} ${code} ${retryAfterS ?? ""}`.trim());
    });
    return settle();
  };
  const end = async (name: string) => {
    const lease = leases.get(name);
    assert(lease !== undefined, `${name} has no lease`);
    lease.release();
    await settle();
  };
  return { ask, end };
}

Deno.test("no more requests than slots are in flight; who waits is served in the order of arrival", async () => {
  const world = await readyWorld({ slots: 2 });
  const order: string[] = [];
  const { ask, end } = asking(world, order);
  for (const name of ["a", "b", "c", "d", "e"]) await ask(name);
  assertEquals(order, ["a", "b"]);
  const { inflight, queued } = world.supervisor.view("echo");
  assertEquals([inflight, queued], [2, 3]);
  await end("b");
  await end("a");
  assertEquals(order, ["a", "b", "c", "d"]);
  for (const name of ["c", "d", "e"]) await end(name);
  assertEquals([order.at(-1), world.supervisor.view("echo").inflight], ["e", 0]);
});

Deno.test("a higher priority goes first, also before those who came earlier; nobody overtakes its like", async () => {
  const world = await readyWorld({ slots: 1, priority: 5 });
  const order: string[] = [];
  const { ask, end } = asking(world, order);
  await ask("first");
  await ask("low", { priority: 1 });
  await ask("usual");
  await ask("high", { priority: 9 });
  await ask("usual too");
  for (const name of ["first", "high", "usual", "usual too", "low"]) await end(name);
  assertEquals(order, ["first", "high", "usual", "usual too", "low"]);
});

Deno.test("who comes while others wait does not take the slot that is just free", async () => {
  const world = await readyWorld({ slots: 1 });
  const order: string[] = [];
  const { ask, end } = asking(world, order);
  await ask("a");
  await ask("b");
  await end("a");
  await ask("c");
  assertEquals(order, ["a", "b"]);
  await end("b");
  assertEquals(order, ["a", "b", "c"]);
});

Deno.test("who leaves the line costs the engine nothing, and is passed over", async () => {
  const world = await readyWorld({ slots: 1 });
  const order: string[] = [];
  const { ask, end } = asking(world, order);
  await ask("a");
  const left = new AbortController();
  await ask("b", { signal: left.signal });
  await ask("c");
  left.abort();
  await settle();
  await end("a");
  assertEquals(order, ["a", "b left", "c"]);
});

Deno.test("queue_full and queue_timeout say when to come again, by what was measured", async () => {
  const world = await readyWorld({ slots: 1, queue: { max: 1, timeoutMs: 5_000 } });
  const order: string[] = [];
  const { ask, end } = asking(world, order);
  await ask("first");
  await world.clock.advance(4_000);
  await end("first");
  await ask("long");
  await ask("waits");
  await ask("too many");
  assertEquals(order, ["first", "long", "too many queue_full 8"]);
  await world.clock.advance(4_900);
  assertEquals(order.length, 3);
  await world.clock.advance(200);
  assertEquals(order.at(-1), "waits queue_timeout 5");
  assertEquals(world.supervisor.bounds()[0]?.refused, 2);
});

Deno.test("an input waits for a slot as a request does; a start call does not", async () => {
  const world = await readyWorld({ slots: 1 });
  const order: string[] = [];
  const { ask, end } = asking(world, order);
  await ask("a");
  const input = world.supervisor.input("echo", "hello").then(() => order.push("input"));
  await settle();
  assertEquals((await world.supervisor.start("echo")).state, "ready");
  assertEquals(order, ["a"]);
  await end("a");
  await input;
  assertEquals([order, world.supervisor.view("echo").inflight], [["a", "input"], 0]);
});

Deno.test("those who wait for a slot are served by the next process when this one dies", async () => {
  const world = await readyWorld({ slots: 1 });
  const order: string[] = [];
  const { ask, end } = asking(world, order);
  await ask("a");
  await ask("b");
  world.machine.newest.exit(1);
  await world.clock.advance(5_000);
  assertEquals([order, world.machine.trees.length], [["a", "b"], 2]);
  await end("a");
  assertEquals(world.supervisor.view("echo").inflight, 1);
  await end("b");
  assertEquals(world.supervisor.view("echo").inflight, 0);
});

Deno.test("a stop by a user sends those away who wait for a slot", async () => {
  const world = await readyWorld({ slots: 1 });
  const order: string[] = [];
  const { ask, end } = asking(world, order);
  await ask("a");
  await ask("b");
  const stopped = world.supervisor.stop("echo");
  await settle();
  assertEquals(order, ["a", "b stopped_by_user"]);
  await end("a");
  await world.clock.advance(3_000);
  await stopped;
});

Deno.test("who asks in the very moment of a change takes no more slots than there are", async () => {
  const world = new World({ slots: 2 });
  const order: string[] = [];
  const { ask } = asking(world, order);
  const inbox = world.events.subscribe();
  const onChange = () => {
    const isReady = inbox.take().some((one) =>
      "event" in one && one.event.type === "state" && one.event.to === "ready"
    );
    if (isReady) { for (const name of ["a", "b", "c", "d"]) ask(name).catch(() => {}); }
    inbox.onNext(onChange);
  };
  inbox.onNext(onChange);
  const started = world.supervisor.start("echo");
  await world.clock.advance(100);
  await started;
  const { inflight, queued } = world.supervisor.view("echo");
  assertEquals([order, inflight, queued], [["a", "b"], 2, 2]);
});

/** The supervisor of an engine with one slot; `act` runs in the moment in which it is told to be ready. */
async function whenReady(act: (world: World) => void): Promise<World> {
  const world = new World({ slots: 1 });
  const inbox = world.events.subscribe();
  const onChange = () => {
    const isReady = inbox.take().some((one) =>
      "event" in one && one.event.type === "state" && one.event.to === "ready"
    );
    if (isReady) act(world);
    else inbox.onNext(onChange);
  };
  inbox.onNext(onChange);
  const started = world.supervisor.start("echo");
  await world.clock.advance(100);
  await started;
  return world;
}

Deno.test("who asks in the very moment of a change and leaves at once keeps no slot from the next", async () => {
  const order: string[] = [];
  const leaving = new AbortController();
  const world = await whenReady((world) => {
    const { ask } = asking(world, order);
    ask("first", { signal: leaving.signal }).catch(() => {});
    ask("next").catch(() => {});
    leaving.abort();
  });
  const { inflight, queued } = world.supervisor.view("echo");
  assertEquals([order, inflight, queued], [["first left", "next"], 1, 0]);
});

Deno.test("a start call in the very moment of a change keeps no slot from a request", async () => {
  const order: string[] = [];
  const world = await whenReady((world) => {
    world.supervisor.start("echo").catch(() => {});
    asking(world, order).ask("a").catch(() => {});
  });
  const { inflight, queued } = world.supervisor.view("echo");
  assertEquals([order, inflight, queued], [["a"], 1, 0]);
});
