import { assert, assertEquals, assertMatch } from "@std/assert";
import { settle } from "../support/fake_clock.ts";
import { FrontWorld, get } from "./support/front_world.ts";
import { AcceptedScript, ScriptedListener } from "./support/scripted_listener.ts";

Deno.test("a connection over the limit is told 503 and closed; one that goes makes room", async () => {
  const { connect, send, clock, front, end } = new FrontWorld({ maxConnections: 2 });
  const [first] = [await connect(), await connect()];
  const third = await connect();
  assertMatch(
    third.writtenText,
    /^HTTP\/1\.1 503 [^]*Connection: close[^]*too_many_connections 503/,
  );
  assertEquals(front.openConnections, 2);
  assert(third.isWriteClosed && !third.isClosed);
  await clock.advance(2_000);
  assert(third.isClosed);
  first.end();
  await settle();
  const fourth = await connect();
  await send(fourth, get());
  assertMatch(fourth.writtenText, /hello$/);
  await end();
});

Deno.test("so many over the limit that they can't be told are closed", async () => {
  const { connect, front, end } = new FrontWorld({ maxConnections: 0 });
  const streams: AcceptedScript[] = [];
  for (let i = 0; i < 300; i++) streams.push(await connect());
  const silent = streams.filter((stream) => stream.isClosed);
  assertEquals(silent.length, 300 - 256);
  assert(silent.every((stream) => stream.writtenText === ""));
  assertEquals(front.openConnections, 0);
  const [connections] = front.bounds();
  assertEquals(connections, {
    name: "connections",
    engine: null,
    limit: 0,
    used: 0,
    refused: 300,
  });
  await end();
});

Deno.test("heads and bodies that are too large are counted", async () => {
  const { connect, send, front, end } = new FrontWorld();
  const large = await connect();
  await send(large, `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${"x".repeat(70_000)}`);
  assertMatch(large.writtenText, /^HTTP\/1\.1 431 /);
  const long = await connect();
  await send(long, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 17179869185\r\n\r\n");
  assertMatch(long.writtenText, /^HTTP\/1\.1 413 /);
  const refused = front.bounds().map(({ name, refused }) => `${name} ${refused}`);
  assertEquals(refused, ["connections 0", "head_bytes 1", "body_bytes 1"]);
  await end();
});

Deno.test("accepting goes on after it failed, with pauses that grow to a second", async () => {
  const { listener, connect, clock, send, end } = new FrontWorld();
  for (let i = 0; i < 12; i++) listener.fail(new Error("EMFILE"));
  await clock.advance(500);
  const { accepts } = listener;
  assert(accepts > 2 && accepts < 8, `${accepts}`);
  await clock.advance(10_000);
  const stream = await connect();
  await send(stream, get());
  assertMatch(stream.writtenText, /hello$/);
  await end();
});

Deno.test("several listeners serve side by side, each with its own access", async () => {
  const { front, ask, end } = new FrontWorld();
  const control = new ScriptedListener();
  front.listen(control, { kind: "control" });
  const stream = new AcceptedScript();
  control.connect(stream);
  const text = get().replace("localhost", "evil.example");
  stream.send(text);
  await settle();
  assertMatch(stream.writtenText, /^HTTP\/1\.1 200 /);
  assertMatch((await ask(text)).writtenText, /^HTTP\/1\.1 421 /);
  await end();
  assert(control.isClosed);
});

Deno.test("drain() closes what is idle, lets answers under way end, and takes nothing new", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { front, ask, connect, send, listener, clock } = new FrontWorld({ ours: () => promise });
  const idle = await connect();
  const busy = await ask(get());
  const beginning = await ask("GET / HTTP/1.1\r\nHo");
  const drained = front.drain(60_000);
  await settle();
  assert(listener.isClosed && idle.isClosed);
  assert(!busy.isClosed && !beginning.isClosed);
  await send(busy, get());
  resolve(new Response("last"));
  await settle();
  assertMatch(busy.writtenText, /Connection: close\r\n\r\nlast$/);
  await send(beginning, "st: localhost\r\n\r\n");
  // What it had sent behind its request is read on for a moment, so that it reads the answer.
  await clock.advance(2_000);
  await drained;
  assert(busy.isClosed && beginning.isClosed);
  assertEquals([front.openConnections, clock.timers], [0, 0]);
});

Deno.test("drain() cuts what has not ended by its deadline, tunnels and hanging apps too", async () => {
  const { promise } = Promise.withResolvers<Response>();
  const aborts: string[] = [];
  const { front, ask, clock } = new FrontWorld({
    ours(_, { signal }) {
      signal.addEventListener("abort", () => aborts.push("gone"));
      return promise;
    },
    async forward(exchange) {
      const plan = exchange.planResponse({ status: 101, body: { kind: "none" } });
      await exchange.send(new TextEncoder().encode("101"), { plan, bodyBytes: 0, then: "more" });
      exchange.takeOver();
    },
  });
  const hanging = await ask(get());
  const tunnel = await ask(get("/upstream/x", "Connection: upgrade", "Upgrade: chat"));
  const drained = front.drain(5_000);
  await clock.advance(4_000);
  assert(!hanging.isClosed && !tunnel.isClosed);
  await clock.advance(2_000);
  await drained;
  assert(hanging.isClosed && tunnel.isClosed);
  assertEquals(aborts, ["gone"]);
  assertEquals([front.openConnections, clock.timers], [0, 0]);
});
