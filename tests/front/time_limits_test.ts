import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Ours } from "../../src/front/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { FrontWorld, get, post } from "./support/front_world.ts";
import { AcceptedScript } from "./support/scripted_listener.ts";

const echo: Ours = async (request) => new Response(await request.text());

Deno.test("a connection that sends nothing is closed after 75 s", async () => {
  const { connect, clock, end } = new FrontWorld();
  const stream = await connect();
  await clock.advance(74_000);
  assert(!stream.isClosed);
  await clock.advance(2_000);
  assert(stream.isClosed);
  assertEquals(stream.writtenText, "");
  await end();
});

Deno.test("a kept connection is closed 75 s after its last answer", async () => {
  const { connect, send, clock, end } = new FrontWorld();
  const stream = await connect();
  for (let turn = 0; turn < 3; turn++) {
    await clock.advance(60_000);
    await send(stream, get());
    assertEquals(stream.writes, turn + 1);
  }
  await clock.advance(74_000);
  assert(!stream.isClosed);
  await clock.advance(2_000);
  assert(stream.isClosed);
  await end();
});

Deno.test("a head that trickles in is given up 10 s after its first byte", async () => {
  const { connect, send, clock, end } = new FrontWorld();
  const stream = await connect();
  await clock.advance(60_000);
  for (let second = 0; second < 9; second++) {
    await send(stream, second === 0 ? "GET / HTTP/1.1\r\nX: " : "x");
    await clock.advance(1_000);
  }
  assert(!stream.isClosed);
  await clock.advance(2_000);
  assert(stream.isClosed);
  assertEquals(stream.writtenText, "");
  await end();
});

Deno.test("a second head has its own 10 s, also when it began behind the first request", async () => {
  const { ask, send, clock, end } = new FrontWorld();
  const stream = await ask(get() + "GET /second");
  await clock.advance(9_000);
  await send(stream, " HTTP/1.1\r\nHost: localhost\r\n\r\nGET");
  assertEquals(stream.writes, 2);
  await clock.advance(9_000);
  assert(!stream.isClosed);
  await clock.advance(2_000);
  assert(stream.isClosed);
  await end();
});

Deno.test("a body that stops for 60 s is answered 504, and the connection ends", async () => {
  const { ask, send, clock, end } = new FrontWorld({ ours: echo });
  const stream = await ask(post("/", "body").slice(0, -3));
  await clock.advance(59_000);
  await send(stream, "o");
  await clock.advance(59_000);
  assertEquals(stream.writtenText, "");
  await clock.advance(2_000);
  assertMatch(stream.writtenText, /^HTTP\/1\.1 504 [^]*Connection: close\r\n\r\nupstream_timeout/);
  assert(stream.isWriteClosed);
  await clock.advance(2_000);
  assert(stream.isClosed);
  await end();
});

Deno.test("a body that nobody reads is not waited for by the clock", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { ask, send, clock, end } = new FrontWorld({
    async ours(request) {
      await promise;
      return new Response(String((await request.text()).length));
    },
  });
  const stream = await ask(post("/", "x".repeat(200_000)).slice(0, -1));
  await clock.advance(600_000);
  assert(!stream.isClosed);
  resolve();
  await settle();
  await send(stream, "x");
  assertMatch(stream.writtenText, /200000$/);
  await end();
});

Deno.test("an answer may take as long as it likes", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { ask, clock, end } = new FrontWorld({ ours: () => promise });
  const stream = await ask(get());
  await clock.advance(3_600_000);
  resolve(new Response("late"));
  await settle();
  assertMatch(stream.writtenText, /late$/);
  await end();
});

Deno.test("a write that does not move for 120 s ends the connection, one that moves does not", async () => {
  const aborts: string[] = [];
  const { connect, send, clock, end } = new FrontWorld({
    ours(_, { signal }) {
      signal.addEventListener("abort", () => aborts.push("gone"));
      return Promise.resolve(new Response("x".repeat(100_000)));
    },
  });
  const stream = await connect(new AcceptedScript({ room: 1_000 }));
  await send(stream, get());
  for (let turn = 0; turn < 4; turn++) {
    await clock.advance(100_000);
    stream.makeRoom(1_000);
    await settle();
  }
  assertEquals(stream.written.length, 5_000);
  await clock.advance(119_000);
  assert(!stream.isClosed);
  assertEquals(aborts, []);
  await clock.advance(2_000);
  assert(stream.isClosed);
  assertEquals(aborts, ["gone"]);
  await end();
});

Deno.test("10,000 idle connections share a timer for their limits and one for the time", async () => {
  const { listener, front, clock, end } = new FrontWorld();
  const streams = Array.from({ length: 10_000 }, () => new AcceptedScript());
  for (const stream of streams) listener.connect(stream);
  while (front.openConnections < streams.length) await settle();
  assertEquals(clock.timers, 2);
  await clock.advance(76_000);
  assert(streams.every((stream) => stream.isClosed));
  await end();
});

Deno.test("a proxied body that stops rejects the reading of it", async () => {
  const { ask, clock, end } = new FrontWorld({
    async forward(exchange) {
      assertEquals((await exchange.nextBody()).type, "data");
      const error = await assertRejects(() => Promise.resolve(exchange.nextBody()));
      throw error;
    },
  });
  const stream = await ask(post("/upstream/x", "body").slice(0, -1));
  await clock.advance(61_000);
  assertMatch(stream.writtenText, /^HTTP\/1\.1 504 /);
  await clock.advance(2_000);
  await end();
});
