import { assert, assertEquals } from "@std/assert";
import type { EngineEvent } from "../../src/events/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { TCP, WebWorld } from "./support/web_world.ts";

const STREAM = `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

/** 8 kB, more than the sockets' buffers hold of a few hundred. */
const event: EngineEvent = {
  type: "notice",
  level: "info",
  title: "x".repeat(8_000),
  detail: "d",
  at: "2025-01-01T00:00:00Z",
};

Deno.test("on a real socket, a client that never reads is let go and slows nobody", async () => {
  const world = new WebWorld();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => world.handle(request, TCP, request.signal),
  );
  const { port } = server.addr;
  using deaf = await Deno.connect({ hostname: "127.0.0.1", port });
  await deaf.write(new TextEncoder().encode(STREAM));
  const reading = await fetch(`http://127.0.0.1:${port}/api/events`);
  const reader = reading.body?.getReader();
  assert(reader !== undefined);
  while (world.events.subscribers < 2) await settle();

  // Each turn: one event more, read by the one, left by the other; a second goes by.
  let turns = 0;
  while (world.events.subscribers > 1) {
    assert(++turns < 20_000, "the client that never reads was never let go");
    world.events.publish(event);
    await reader.read();
    await world.clock.advance(turns % 50 === 0 ? 1_000 : 0);
  }
  world.events.publish(event);
  assertEquals((await reader.read()).done, false);
  assertEquals(world.events.subscribers, 1);
  await reader.cancel();
});

Deno.test("on a real socket, a client that hangs up frees its place without an event", async () => {
  const world = new WebWorld();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => world.handle(request, TCP, request.signal),
  );
  const client = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await client.write(new TextEncoder().encode(STREAM));
  await client.read(new Uint8Array(1_024));
  assertEquals(world.events.subscribers, 1);
  client.close();
  for (let turns = 0; world.events.subscribers > 0; turns++) {
    assert(turns < 20_000, "the place was never freed");
    await settle();
  }
});
