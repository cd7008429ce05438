/** Connecting: what is retried, for how long, and what is said when it fails. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import {
  type ByteStream,
  ConnectError,
  type DialFailure,
  TimeoutError,
} from "../../src/core/mod.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";
import { answer, bench, rejection } from "./support/bench.ts";
import { LATE_MS } from "../support/fake_clock.ts";

const GET = { method: "GET", target: "/" } as const;

const FAILURES: readonly (readonly [DialFailure, string])[] = [
  ["no_socket", "there is no socket at that path"],
  ["refused", "a socket file is there, but nobody listens on it"],
  ["other", "the system refused the connection"],
];

for (const [failure, why] of FAILURES) {
  Deno.test(`a dial that fails with ${failure} is not tried again`, async () => {
    const { client, clock, net } = bench(failure);
    const error = await rejection(client.request(GET));
    assertInstanceOf(error, ConnectError);
    assertEquals([error.stage, error.engine], ["before_send", "python"]);
    assertEquals(error.message, `Can't connect to the engine python on /run/e.sock: ${why}.`);
    assert(error.remedy !== "");
    assertEquals([net.dials, clock.timers], [1, 0]);
  });
}

Deno.test("a full backlog is tried again after 1, 2, 4 … 50 ms", async () => {
  const full = Array<DialFailure>(8).fill("backlog_full");
  const stream = new ScriptedStream();
  const { client, clock, net } = bench(...full, stream);
  stream.send(answer("ok"));
  const response = client.request(GET);
  for (const [index, pauseMs] of [1, 2, 4, 8, 16, 32, 50, 50].entries()) {
    await clock.advance(0);
    assertEquals(net.dials, index + 1);
    await clock.advance(pauseMs - 1);
    assertEquals(net.dials, index + 1);
    await clock.advance(1);
  }
  assertEquals((await response).status, 200);
  assertEquals(net.dials, 9);
  client.close();
});

Deno.test("a lack of descriptors is waited out", async () => {
  const stream = new ScriptedStream();
  const { client, clock, net } = bench("no_descriptors", "no_descriptors", stream);
  stream.send(answer("ok"));
  const response = client.request(GET);
  await clock.advance(1 + 2);
  assertEquals([(await response).status, net.dials], [200, 3]);
  client.close();
});

Deno.test("a lack of descriptors that lasts is told at the connect limit, and as what it is", async () => {
  const { client, clock } = bench(...Array<DialFailure>(40).fill("no_descriptors"));
  const error = rejection(client.request(GET, { connectMs: 1_000 }));
  await clock.advance(1_000 + LATE_MS);
  const thrown = await error;
  assertInstanceOf(thrown, ConnectError);
  assertEquals([thrown.code, thrown.stage, thrown.retryAfterS], [
    "too_many_connections",
    "before_send",
    1,
  ]);
  assertStringIncludes(thrown.message, "no descriptor left (`ulimit -n`)");
  assertEquals(clock.timers, 0);
});

Deno.test("a caller that leaves during a lack of descriptors gets its own reason", async () => {
  const { client, clock } = bench(...Array<DialFailure>(40).fill("no_descriptors"));
  const left = new AbortController();
  const error = rejection(client.request(GET, { signal: left.signal }));
  await clock.advance(10);
  left.abort("left");
  assertEquals([await error, clock.timers], ["left", 0]);
});

Deno.test("a backlog that stays full ends with the connect limit", async () => {
  const { client, clock } = bench(...Array<DialFailure>(40).fill("backlog_full"));
  const error = rejection(client.request(GET, { connectMs: 1_000 }));
  await clock.advance(1_000 + LATE_MS);
  const thrown = await error;
  assertInstanceOf(thrown, TimeoutError);
  assertEquals([thrown.phase, clock.timers], ["connect", 0]);
});

Deno.test("a dial that never ends is left at the connect limit, and closed when it succeeds late", async () => {
  const late = Promise.withResolvers<ByteStream>();
  const { client, clock } = bench(late.promise);
  const error = rejection(client.request(GET));
  await clock.advance(1_000 + LATE_MS);
  const thrown = await error;
  assertInstanceOf(thrown, TimeoutError);
  assertEquals([thrown.phase, clock.timers], ["connect", 0]);
  const stream = new ScriptedStream();
  late.resolve(stream);
  await clock.advance(0);
  assert(stream.isClosed);
});

Deno.test("a signal that has fired before keeps the request from dialing", async () => {
  const { client, clock, net } = bench();
  const reason = new Error("gone");
  const error = rejection(client.request(GET, { signal: AbortSignal.abort(reason) }));
  assertStrictEquals(await error, reason);
  assertEquals([net.dials, clock.timers], [0, 0]);
});

Deno.test("a signal that fires while dialing ends the wait, and the late stream is closed", async () => {
  const late = Promise.withResolvers<ByteStream>();
  const { client, clock, net } = bench(late.promise);
  const controller = new AbortController();
  const error = rejection(client.request(GET, { signal: controller.signal }));
  await clock.advance(0);
  assertEquals(net.dials, 1);
  const reason = new Error("gone");
  controller.abort(reason);
  assertStrictEquals(await error, reason);
  const stream = new ScriptedStream();
  late.resolve(stream);
  await clock.advance(0);
  assertEquals([stream.isClosed, clock.timers], [true, 0]);
});

Deno.test("a signal that fires between two tries of a full backlog ends the wait", async () => {
  const { client, clock, net } = bench("backlog_full", "backlog_full", "backlog_full");
  const controller = new AbortController();
  const error = rejection(client.request(GET, { signal: controller.signal }));
  await clock.advance(2);
  const reason = new Error("gone");
  controller.abort(reason);
  assertStrictEquals(await error, reason);
  await clock.advance(1_000);
  assertEquals([net.dials, clock.timers], [2, 0]);
});
