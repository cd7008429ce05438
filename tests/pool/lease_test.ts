/** Connections lent for an exchange that the borrower drives. */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type ByteStream, ConnectError, ProtocolError, TimeoutError } from "../../src/core/mod.ts";
import type { PooledConnection } from "../../src/pool/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";
import { answer, bench, rejection } from "./support/bench.ts";
import { LATE_MS } from "../support/fake_clock.ts";

const HEAD = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
const REQUEST = {
  method: "GET",
  headBytes: HEAD.length,
  body: { kind: "none" },
  saysClose: false,
} as const;

/** One exchange; gives the status. */
async function exchange(connection: PooledConnection): Promise<number> {
  connection.begin(REQUEST);
  await connection.write(HEAD);
  for (let status = 0;;) {
    const it = connection.next();
    if (it.type === "need_data") await connection.read();
    if (it.type === "head") status = it.head.status;
    if (it.type === "end") return status;
  }
}

Deno.test("a connection that is given back is lent again, at once, and shared with requests", async () => {
  const stream = new ScriptedStream();
  const { client, net, clock } = bench(stream);
  const first = await client.lease();
  assertEquals(first.isReused, false);
  stream.send(answer("one"));
  assertEquals(await exchange(first), 200);
  first.giveBack();
  const second = client.lease();
  assert(!(second instanceof Promise));
  assertEquals(second.isReused, true);
  stream.send(answer("two"));
  await exchange(second);
  second.giveBack();
  second.giveBack();
  const third = client.request({ method: "GET", target: "/" });
  await settle();
  stream.send(answer("three"));
  assertEquals([(await third).status, net.dials], [200, 1]);
  client.close();
  assertEquals([stream.isClosed, clock.timers], [true, 0]);
});

Deno.test("who waits for a dial gets a connection that is given back meanwhile; the dial is kept", async () => {
  const [one, two] = [new ScriptedStream(), new ScriptedStream()];
  const dialing = Promise.withResolvers<ByteStream>();
  const { client, net } = bench(one, dialing.promise);
  const first = await client.lease();
  one.send(answer("one"));
  await exchange(first);
  const waiting = Promise.resolve(client.lease());
  await settle();
  first.giveBack();
  const second = await waiting;
  assertEquals([second.isReused, net.dials], [true, 2]);
  dialing.resolve(two);
  await settle();
  const third = client.lease();
  assert(!(third instanceof Promise));
  assertEquals([third.isReused, two.isBeingRead], [false, true]);
  second.close();
  third.close();
});

Deno.test("a freed connection goes to who has waited longest, whose dial then serves the next", async () => {
  const one = new ScriptedStream();
  const dials = [1, 2].map(() => Promise.withResolvers<ByteStream>());
  const { client } = bench(one, ...dials.map(({ promise }) => promise));
  const first = await client.lease();
  one.send(answer("one"));
  await exchange(first);
  const order: string[] = [];
  const waits = ["a", "b"].map(async (name) => {
    const connection = await client.lease();
    order.push(name);
    return connection;
  });
  await settle();
  first.giveBack();
  await settle();
  assertEquals(order, ["a"]);
  dials[0]?.resolve(new ScriptedStream());
  await settle();
  assertEquals(order, ["a", "b"]);
  dials[1]?.resolve(new ScriptedStream());
  await settle();
  for (const connection of await Promise.all(waits)) connection.close();
  client.close();
});

Deno.test("a fresh connection is a dialed one, whatever is idle or given back", async () => {
  const [one, two] = [new ScriptedStream(), new ScriptedStream()];
  const { client, net } = bench(one, two);
  const first = await client.lease();
  one.send(answer("one"));
  await exchange(first);
  first.giveBack();
  const fresh = await client.lease({ fresh: true });
  assertEquals([fresh.isReused, net.dials], [false, 2]);
  fresh.close();
  client.close();
});

Deno.test("who leaves while a connection is dialed leaves no wait, no dial and no timer", async () => {
  const dialing = Promise.withResolvers<ByteStream>();
  const { client, clock } = bench(dialing.promise);
  const over = new AbortController();
  const waiting = rejection(Promise.resolve(client.lease({ signal: over.signal })));
  await settle();
  over.abort(new Error("left"));
  assertEquals(((await waiting) as Error).message, "left");
  const late = new ScriptedStream();
  dialing.resolve(late);
  await settle();
  assertEquals([late.isClosed, clock.timers], [true, 0]);
});

Deno.test("a full backlog is waited for a second in all", async () => {
  const { client, clock, net } = bench(
    ...Array.from({ length: 64 }, () => "backlog_full" as const),
  );
  const waiting = rejection(Promise.resolve(client.lease()));
  await clock.advance(1_000 + LATE_MS);
  const error = await waiting;
  assertInstanceOf(error, TimeoutError);
  assertEquals([error.phase, clock.timers, net.dials > 10], ["connect", 0, true]);
});

Deno.test("a limit closes the connection, and what was pending says so", async () => {
  const stream = new ScriptedStream();
  const { client, clock } = bench(stream);
  const connection = await client.lease();
  connection.begin(REQUEST);
  await connection.write(HEAD);
  connection.limit("head", 100);
  const reading = rejection(connection.read());
  await clock.advance(100 + LATE_MS);
  const error = await reading;
  assertInstanceOf(error, TimeoutError);
  assertEquals([error.phase, stream.isClosed, clock.timers], ["head", true, 0]);
  connection.giveBack();
  assertEquals(clock.timers, 0);
});

Deno.test("a limit that was left behind does not follow the connection to the next", async () => {
  const one = new ScriptedStream();
  const { client, clock } = bench(one, new Promise<ByteStream>(() => {}));
  const first = await client.lease();
  one.send(answer("one"));
  await exchange(first);
  first.limit("body", 50);
  const waiting = Promise.resolve(client.lease());
  await settle();
  first.giveBack();
  first.limit("body", 1);
  const second = await waiting;
  await clock.advance(500);
  one.send(answer("two"));
  assertEquals(await exchange(second), 200);
  second.giveBack();
  await clock.advance(4_000 + LATE_MS);
  assertEquals(one.isClosed, true);
  client.close();
});

const BREAKS: readonly (readonly [string, (stream: ScriptedStream) => void, string])[] = [
  ["ends without an answer", (stream) => stream.end(), "ConnectError"],
  ["breaks", (stream) => stream.breakReads(new Error("reset")), "ConnectError"],
  ["ends in a head", (stream) => (stream.send("HTTP/1.1 2"), stream.end()), "ConnectError"],
  [
    "ends in a body",
    (stream) => (stream.send(answer("ab").slice(0, -1)), stream.end()),
    "ConnectError",
  ],
  ["breaks a rule", (stream) => stream.send("hello\r\n\r\n"), "ProtocolError"],
];
for (const [says, act, name] of BREAKS) {
  Deno.test(`a peer that ${says} is told as a ${name} that names it`, async () => {
    const stream = new ScriptedStream();
    const { client } = bench(stream);
    const connection = await client.lease();
    act(stream);
    const error = await rejection(exchange(connection));
    assert(error instanceof ConnectError || error instanceof ProtocolError);
    assertEquals([error.name, error.engine], [name, "python"]);
    connection.close();
    assertEquals(stream.isClosed, true);
  });
}

Deno.test("a short write goes on, and the books know how far it came", async () => {
  const stream = new ScriptedStream({ writeAtMost: 5 });
  const { client } = bench(stream);
  const connection = await client.lease();
  connection.begin(REQUEST);
  await connection.write(HEAD);
  assertEquals([connection.writtenBytes, connection.isSent], [HEAD.length, true]);
  connection.close();
});

Deno.test("a connection of an unfinished exchange is closed, not kept", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  const connection = await client.lease();
  connection.begin({ ...REQUEST, body: { kind: "length", bytes: 1 } });
  await connection.write(HEAD);
  stream.send(answer("early"));
  for (let it = connection.next(); it.type !== "end"; it = connection.next()) {
    if (it.type === "need_data") await connection.read();
  }
  connection.giveBack();
  assertEquals(stream.isClosed, true);
});
