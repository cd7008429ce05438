/** Which connections are kept, for how long, and when a second one is dialed. */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type ByteStream, ConnectError } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";
import { answer, bench, rejection, text } from "./support/bench.ts";
import { LATE_MS } from "../support/fake_clock.ts";

const GET = { method: "GET", target: "/" } as const;

function streams(count: number): ScriptedStream[] {
  return Array.from({ length: count }, () => new ScriptedStream());
}

Deno.test("requests one after the other share one connection", async () => {
  const [stream] = streams(1) as [ScriptedStream];
  const { client, clock, net } = bench(stream);
  for (const body of ["one", "two", "three"]) {
    const response = client.request(GET);
    await settle();
    stream.send(answer(body));
    assertEquals(text((await response).body), body);
  }
  assertEquals([net.dials, stream.isClosed], [1, false]);
  client.close();
  assertEquals([stream.isClosed, clock.timers], [true, 0]);
});

Deno.test("requests side by side get a connection each, and the last used one goes first", async () => {
  const [first, second] = streams(2) as [ScriptedStream, ScriptedStream];
  const { client, net } = bench(first, second);
  const [one, two] = [client.request(GET), client.request(GET)];
  await settle();
  second.send(answer("two"));
  await two;
  first.send(answer("one"));
  await one;
  const three = client.request(GET);
  await settle();
  assertEquals([first.writes, second.writes, net.dials], [2, 1, 2]);
  first.send(answer("three"));
  await three;
  client.close();
});

for (
  const [says, act] of [
    ["ends", (stream: ScriptedStream) => stream.end()],
    ["sends a byte", (stream: ScriptedStream) => stream.send("H")],
    ["breaks", (stream: ScriptedStream) => stream.breakReads(new Error("reset"))],
  ] as const
) {
  Deno.test(`a kept connection whose peer ${says} is closed at once and not used again`, async () => {
    const [first, second] = streams(2) as [ScriptedStream, ScriptedStream];
    const { client, clock, net } = bench(first, second);
    first.send(answer("one"));
    await client.request(GET);
    act(first);
    await settle();
    assertEquals([first.isClosed, clock.timers], [true, 0]);
    second.send(answer("two"));
    assertEquals(text((await client.request(GET)).body), "two");
    assertEquals(net.dials, 2);
    client.close();
  });
}

const IDLE: readonly (readonly [string, string, number])[] = [
  ["without a hint for 4 s", "", 4_000],
  ["with a hint of 5 s for 4 s", "Keep-Alive: timeout=5\r\n", 4_000],
  ["with a hint of 75 s for 74 s", "Keep-Alive: timeout=75, max=9\r\n", 74_000],
  ["with a hint of a year for 10 min", "Keep-Alive: timeout=31536000\r\n", 600_000],
];

for (const [says, fields, idleMs] of IDLE) {
  Deno.test(`a connection is kept ${says}`, async () => {
    const [stream] = streams(1) as [ScriptedStream];
    const { client, clock } = bench(stream);
    stream.send(answer("ok", fields));
    await client.request(GET);
    await clock.advance(idleMs - 1);
    assertEquals(stream.isClosed, false);
    await clock.advance(LATE_MS);
    assertEquals([stream.isClosed, clock.timers], [true, 0]);
  });
}

Deno.test("a connection that is past its limit is not used though its timer is late", async () => {
  const [first, second] = streams(2) as [ScriptedStream, ScriptedStream];
  const { client, clock, net } = bench(first, second);
  first.send(answer("one"));
  await client.request(GET);
  clock.stall(4_000 + LATE_MS);
  second.send(answer("two"));
  assertEquals(text((await client.request(GET)).body), "two");
  assertEquals([first.isClosed, net.dials], [true, 2]);
  client.close();
});

const NOT_KEPT: readonly (readonly [string, string])[] = [
  ["asked to close", answer("ok", "Connection: close\r\n")],
  ["speaks HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"],
  ["keeps it for 1 s only", answer("ok", "Keep-Alive: timeout=1\r\n")],
  ["sent two answers", answer("ok") + answer("two")],
  ["sent a byte too many", answer("ok") + "\n"],
  ["used chunked where it may not", "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n"],
];

for (const [says, bytes] of NOT_KEPT) {
  Deno.test(`a connection whose peer ${says} is closed after the answer`, async () => {
    const [stream] = streams(1) as [ScriptedStream];
    const { client, clock } = bench(stream);
    stream.send(bytes);
    const { status } = await client.request(GET);
    assert(status === 200 || status === 204);
    assertEquals([stream.isClosed, clock.timers], [true, 0]);
  });
}

Deno.test("a request that wants a fresh connection gets one, says so, and leaves none", async () => {
  const [kept, fresh] = streams(2) as [ScriptedStream, ScriptedStream];
  const { client, net } = bench(kept, fresh);
  kept.send(answer("one"));
  await client.request(GET);
  fresh.send(answer("two"));
  await client.request(GET, { fresh: true });
  assert(fresh.writtenText.includes("\r\nConnection: close\r\n"));
  assertEquals([net.dials, fresh.isClosed, kept.isClosed], [2, true, false]);
  client.close();
});

Deno.test("a kept connection that takes no byte is replaced by a fresh one, once", async () => {
  const [first, second] = streams(2) as [ScriptedStream, ScriptedStream];
  const { client, net } = bench(first, second);
  first.send(answer("one"));
  await client.request(GET);
  first.breakWrites(new Error("broken pipe"));
  second.send(answer("two"));
  const response = await client.request({ method: "POST", target: "/input" });
  assertEquals([text(response.body), net.dials, first.isClosed], ["two", 2, true]);
  client.close();
});

Deno.test("when the fresh connection takes no byte either, the request fails", async () => {
  const [first, second] = streams(2) as [ScriptedStream, ScriptedStream];
  const { client, net } = bench(first, second);
  first.send(answer("one"));
  await client.request(GET);
  first.breakWrites(new Error("broken pipe"));
  second.breakWrites(new Error("broken pipe"));
  second.end();
  assertInstanceOf(await rejection(client.request(GET)), ConnectError);
  assertEquals([net.dials, second.isClosed], [2, true]);
});

Deno.test("a kept connection that ends after the request was written is not tried again", async () => {
  const [stream] = streams(1) as [ScriptedStream];
  const { client, clock, net } = bench(stream);
  stream.send(answer("one"));
  await client.request(GET);
  const error = rejection(client.request(GET));
  await settle();
  stream.end();
  const thrown = await error;
  assertInstanceOf(thrown, ConnectError);
  assertEquals([thrown.stage, net.dials, clock.timers], ["after_send", 1, 0]);
});

Deno.test("a caller who leaves at any turn has no answer, or no part in the kept connection", async () => {
  const outcomes = new Set<string>();
  for (let turns = 0; turns < 20; turns++) {
    const [stream] = streams(1) as [ScriptedStream];
    const { client } = bench(stream);
    const controller = new AbortController();
    const request = client.request(GET, { signal: controller.signal });
    const outcome = request.then(() => "answered", () => "left");
    await settle();
    stream.send(answer("ok"));
    for (let turn = 0; turn < turns; turn++) await undefined;
    controller.abort();
    assertEquals(
      [await outcome, stream.isClosed],
      stream.isClosed ? ["left", true] : ["answered", false],
    );
    outcomes.add(await outcome);
    client.close();
  }
  assertEquals(outcomes, new Set(["left", "answered"]));
});

Deno.test("close() closes idle connections at once and used ones when they come back", async () => {
  const [idle, busy] = streams(2) as [ScriptedStream, ScriptedStream];
  const { client, clock } = bench(busy, idle);
  const response = client.request(GET);
  idle.send(answer("one"));
  await client.request(GET);
  client.close();
  assertEquals([idle.isClosed, busy.isClosed], [true, false]);
  busy.send(answer("two"));
  assertEquals(text((await response).body), "two");
  assertEquals([busy.isClosed, clock.timers], [true, 0]);
});

Deno.test("a closed client dials no more: another process may listen there by now", async () => {
  const { client, clock, net } = bench();
  client.close();
  const error = await rejection(client.request(GET));
  assertInstanceOf(error, ConnectError);
  assertEquals([error.stage, net.dials, clock.timers], ["before_send", 0, 0]);
});

Deno.test("a client closed while it dials closes what it gets", async () => {
  const late = Promise.withResolvers<ByteStream>();
  const { client, clock } = bench(late.promise);
  const error = rejection(client.request(GET));
  await settle();
  client.close();
  const stream = new ScriptedStream();
  late.resolve(stream);
  assertInstanceOf(await error, ConnectError);
  assertEquals([stream.isClosed, stream.writes, clock.timers], [true, 0, 0]);
});

Deno.test("a client closed while a kept connection fails does not dial", async () => {
  const [stream] = streams(1) as [ScriptedStream];
  const { client, clock, net } = bench(stream);
  stream.send(answer("one"));
  await client.request(GET);
  stream.breakWrites(new Error("broken pipe"));
  const error = rejection(client.request(GET));
  client.close();
  assertInstanceOf(await error, ConnectError);
  assertEquals([net.dials, stream.isClosed, clock.timers], [1, true, 0]);
});

Deno.test("at most 32 idle connections are kept, the longest idle go", async () => {
  const all = streams(40);
  const { client } = bench(...all);
  const responses = all.map(() => client.request(GET));
  await settle();
  for (const stream of all) {
    stream.send(answer("ok"));
    await settle();
  }
  await Promise.all(responses);
  assertEquals(all.map((stream) => stream.isClosed), all.map((_, index) => index < 8));
  client.close();
  assert(all.every((stream) => stream.isClosed));
});
