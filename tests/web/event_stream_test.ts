import { assert, assertEquals } from "@std/assert";
import type { EngineEvent } from "../../src/events/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { EventReader } from "./support/read_events.ts";
import { type AskOptions, codeOf, problemOf, WebWorld } from "./support/web_world.ts";

const notice = (title: string, engine?: string): EngineEvent => ({
  type: "notice",
  level: "info",
  title,
  detail: "d",
  at: "2025-01-01T00:00:00Z",
  ...(engine === undefined ? {} : { engine }),
});
const status = (engine: string, count: number): EngineEvent => ({
  type: "python_status",
  engine,
  status: { count },
});

async function open(world: WebWorld, query = "", init: AskOptions = {}): Promise<EventReader> {
  const response = await world.ask(`/api/events${query}`, init);
  assertEquals(response.status, 200);
  return new EventReader(response);
}

/** Opens a stream and reads past its head. */
async function openLive(world: WebWorld, query = ""): Promise<EventReader> {
  const reader = await open(world, query);
  await reader.next();
  return reader;
}

Deno.test("GET /api/events begins with retry, hello and a snapshot", async () => {
  const world = new WebWorld();
  world.events.publish(notice("before"));
  const response = await world.ask("/api/events");
  assertEquals(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assertEquals(response.headers.get("cache-control"), "no-cache, no-transform");
  assertEquals(response.headers.get("x-accel-buffering"), "no");
  const reader = new EventReader(response);
  const hello = {
    v: 1,
    version: "0.1.0",
    boot: "b0",
    now: "2025-01-01T00:00:00.000Z",
    replay: "none",
    lastId: "b0.1",
  };
  assertEquals(
    await reader.piece(),
    `retry: 2000\n\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n` +
      `event: snapshot\nid: b0.1\ndata: ${
        JSON.stringify({ engines: world.supervisor.views() })
      }\n\n`,
  );
  await reader.cancel();
});

Deno.test("what is published goes out, what can be replayed with an id", async () => {
  const world = new WebWorld();
  const reader = await openLive(world);
  world.supervisor.move("echo", "starting", { reason: "requested" });
  assertEquals(await reader.next(), [{
    type: "state",
    id: "b0.1",
    data: {
      engine: "echo",
      from: "stopped",
      to: "starting",
      reason: "requested",
      view: { ...world.supervisor.view("echo") },
    },
  }]);
  world.events.publish(status("echo", 7));
  assertEquals(await reader.next(), [
    { type: "python_status", id: null, data: { engine: "echo", status: { count: 7 } } },
  ]);
  await reader.cancel();
});

Deno.test("a reader that waits gets an event at once, without a move of the clock", async () => {
  const world = new WebWorld();
  const reader = await openLive(world);
  const next = reader.names();
  await settle();
  world.events.publish(notice("n"));
  assertEquals(await next, ["notice b0.1"]);
  await reader.cancel();
});

Deno.test("a line break in a text can't forge an event", async () => {
  const world = new WebWorld();
  const reader = await openLive(world);
  world.events.publish(notice("a\n\nevent: bye\ndata: {}\n\n\r\r"));
  assertEquals(await reader.names(), ["notice b0.1"]);
  await reader.cancel();
});

for (
  const [says, query, headers] of [
    ["?after", "?after=b0.2", {}],
    ["Last-Event-ID", "", { "last-event-id": "b0.2" }],
    ["Last-Event-ID before ?after", "?after=b0.1", { "last-event-id": "b0.2" }],
  ] as const
) {
  Deno.test(`${says}: what was missed comes after the snapshot, and nothing twice`, async () => {
    const world = new WebWorld();
    for (const title of ["1", "2", "3", "4"]) world.events.publish(notice(title));
    const reader = await open(world, query, { headers });
    const [hello, snapshot] = await reader.next();
    const { replay, lastId } = hello?.data as { replay: string; lastId: string };
    assertEquals([replay, lastId, snapshot?.id], ["full", "b0.4", null]);
    world.events.publish(notice("5"));
    assertEquals(await reader.names(), ["notice b0.3", "notice b0.4", "notice b0.5"]);
    await reader.cancel();
  });
}

Deno.test("an id of another boot: a gap and a fresh snapshot", async () => {
  const world = new WebWorld();
  world.events.publish(notice("1"));
  for (const after of ["b9.1", "b0.77", "nonsense", "%00"]) {
    const reader = await open(world, `?after=${after}`);
    assertEquals((await reader.next())[0]?.type, "hello");
    assertEquals(await reader.names(), ["gap", "snapshot"]);
    await reader.cancel();
  }
});

Deno.test("?topics= lets only those through, the frame of the stream beside them", async () => {
  const world = new WebWorld();
  const reader = await open(world, "?topics=notice,python_status");
  assertEquals(await reader.names(), ["hello"]);
  world.supervisor.move("echo", "starting");
  world.supervisor.set("echo", { queued: 1 });
  world.events.publish(notice("n"));
  world.events.publish(status("echo", 1));
  assertEquals(await reader.names(), ["notice b0.2", "python_status"]);
  world.events.close();
  assertEquals(await reader.names(), ["bye"]);
});

Deno.test("?engine= lets only those through, in snapshots too", async () => {
  const world = new WebWorld(["a", "b", "c"]);
  const reader = await open(world, "?engine=a,c");
  const [, snapshot] = await reader.next();
  const names = (snapshot?.data as { engines: { name: string }[] }).engines.map((one) => one.name);
  assertEquals(names, ["a", "c"]);
  world.supervisor.move("b", "starting");
  world.supervisor.set("b", { queued: 1 });
  world.events.publish(notice("of none"));
  world.supervisor.move("c", "starting");
  assertEquals(await reader.names(), ["state b0.3"]);
  await reader.cancel();
});

Deno.test("a topic or an engine that does not exist is refused", async () => {
  const world = new WebWorld();
  assertEquals(await codeOf(await world.ask("/api/events?topics=state,x")), "400 bad_request");
  assertEquals(await codeOf(await world.ask("/api/events?engine=nobody")), "404 unknown_engine");
  assertEquals(await codeOf(await world.ask("/api/events?engine=../x")), "404 unknown_engine");
  assertEquals(world.events.subscribers, 0);
});

Deno.test("15 s of silence are broken by a comment, events start them anew", async () => {
  const world = new WebWorld();
  const reader = await openLive(world);
  let piece = reader.piece();
  await world.clock.advance(14_999);
  world.events.publish(notice("n"));
  assert((await piece)?.startsWith("event: notice"));
  piece = reader.piece();
  await world.clock.advance(14_999);
  const early = await Promise.race([piece, settle().then(() => "nothing")]);
  assertEquals(early, "nothing");
  await world.clock.advance(1);
  assertEquals(await piece, ":\n\n");
  await reader.cancel();
});

Deno.test("what a client has filtered out is silence to it", async () => {
  const world = new WebWorld();
  const reader = await openLive(world, "?topics=state");
  const piece = reader.piece();
  for (let second = 0; second < 15; second++) {
    world.events.publish(status("echo", second));
    await world.clock.advance(1_000);
  }
  assertEquals(await piece, ":\n\n");
  await reader.cancel();
});

Deno.test("a client that never reads costs one mailbox and is let go after 10 s", async () => {
  const world = new WebWorld(["echo"], { mailboxSize: 4 });
  const response = await world.ask("/api/events");
  for (let i = 0; i < 10_000; i++) world.events.publish(notice(String(i)));
  await world.clock.advance(9_999);
  assertEquals(world.events.subscribers, 1);
  await world.clock.advance(1);
  assertEquals([world.events.subscribers, world.cuts], [0, 0]);
  await world.clock.advance(5_000);
  assertEquals([world.cuts, world.clock.timers], [1, 0]);
  assertEquals(await new EventReader(response).names(), ["bye"]);
  const { limits } = await (await world.ask("/api/limits")).json();
  const stall = limits.find(({ name }: { name: string }) => name === "event_stall_ms");
  assertEquals(stall.refused, 1);
});

Deno.test("a client that stops reading is let go, with a bye for when it comes back", async () => {
  const world = new WebWorld(["echo"], { mailboxSize: 4 });
  const reader = await openLive(world);
  world.events.publish(notice("read"));
  assertEquals(await reader.names(), ["notice b0.1"]);
  for (let i = 0; i < 100; i++) world.events.publish(notice("unread"));
  await world.clock.advance(10_000);
  assertEquals(world.events.subscribers, 0);
  assertEquals(await reader.next(), [{ type: "bye", id: null, data: { reason: "slow" } }]);
  assertEquals(await reader.piece(), null);
});

Deno.test("a slow client that comes back in time finds a gap, a snapshot and the newest", async () => {
  const world = new WebWorld(["echo"], { mailboxSize: 3 });
  const reader = await openLive(world);
  for (let i = 1; i <= 10; i++) world.events.publish(notice(String(i)));
  await world.clock.advance(9_999);
  assertEquals(await reader.names(), [
    ...["gap", "snapshot", "notice b0.8", "notice b0.9", "notice b0.10"],
  ]);
  await reader.cancel();
});

Deno.test("a long replay goes out in pieces, in order and whole", async () => {
  const world = new WebWorld();
  for (let i = 0; i < 300; i++) world.events.publish(notice(String(i)));
  const reader = await openLive(world, "?after=b0.0");
  const seen: string[] = [];
  while (seen.length < 300) {
    const names = await reader.names();
    assert(names.length <= 64);
    seen.push(...names);
  }
  assertEquals(seen, Array.from({ length: 300 }, (_, i) => `notice b0.${i + 1}`));
  await reader.cancel();
});

Deno.test("a client that leaves frees its place, by its stream or by its signal", async () => {
  const world = new WebWorld();
  const reader = await openLive(world);
  await reader.cancel();
  assertEquals([world.events.subscribers, world.clock.timers], [0, 0]);

  const client = new AbortController();
  const other = await open(world, "", { left: client.signal });
  await other.next();
  const waiting = other.piece();
  await settle();
  client.abort();
  assertEquals(await waiting, null);
  assertEquals([world.events.subscribers, world.clock.timers], [0, 0]);
});

Deno.test("a client that is gone before its stream is open costs nothing", async () => {
  const world = new WebWorld();
  const reader = await open(world, "", { left: AbortSignal.abort() });
  assertEquals(await reader.piece(), null);
  assertEquals([world.events.subscribers, world.clock.timers], [0, 0]);
});

Deno.test("64 streams are open at once, the next is refused until one closes", async () => {
  const world = new WebWorld();
  const readers = [];
  for (let i = 0; i < 64; i++) readers.push(await open(world));
  const refused = await world.ask("/api/events");
  assertEquals(refused.headers.get("retry-after"), "5");
  assertEquals((await problemOf(refused)).code, "too_many_streams");
  await readers.pop()?.cancel();
  readers.push(await open(world));
  for (const reader of readers) await reader.cancel();
  assertEquals([world.events.subscribers, world.clock.timers], [0, 0]);
});

Deno.test("the close of the bus ends every stream with what was published and a bye", async () => {
  const world = new WebWorld();
  const waiting = await openLive(world);
  const behind = await openLive(world);
  const bye = waiting.names();
  await settle();
  world.events.publish(notice("last"));
  assertEquals(await bye, ["notice b0.1"]);
  world.events.close();
  assertEquals(await waiting.next(), [{ type: "bye", id: null, data: { reason: "shutdown" } }]);
  assertEquals(await waiting.piece(), null);
  assertEquals(await behind.names(), ["notice b0.1"]);
  assertEquals(await behind.names(), ["bye"]);
  assertEquals(await behind.piece(), null);
  const late = await open(world);
  assertEquals((await late.next())[0]?.type, "hello");
  assertEquals(await late.names(), ["bye"]);
});
