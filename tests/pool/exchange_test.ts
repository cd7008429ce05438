/** One exchange over a scripted stream: what is written, what is read, and how it fails. */
import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { ConnectError, ProtocolError, TimeoutError } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";
import { answer, bench, rejection, text } from "./support/bench.ts";
import { LATE_MS } from "../support/fake_clock.ts";

const GET = { method: "GET", target: "/status" } as const;
const LARGE = new Uint8Array(300_000).fill(0x61);
const POST_LARGE = { method: "POST", target: "/input", body: LARGE } as const;

Deno.test("a small body goes out in one write with its head", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  stream.send(answer('{"ok":1}', "Content-Type: application/json\r\n"));
  const response = await client.request({
    method: "POST",
    target: "/input",
    fields: [["Content-Type", "application/json"]],
    body: new TextEncoder().encode('{"input":"ä"}'),
  });
  assertEquals(
    text(stream.written),
    "POST /input HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      'Content-Length: 14\r\n\r\n{"input":"ä"}',
  );
  assertEquals(stream.writes, 1);
  assertEquals([response.status, text(response.body)], [200, '{"ok":1}']);
  assertEquals(response.fields, [["content-type", "application/json"], ["content-length", "8"]]);
  client.close();
});

Deno.test("a POST without a body says that it has none", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  stream.send(answer(""));
  await client.request({ method: "POST", target: "/stop" });
  assertEquals(
    stream.writtenText,
    "POST /stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
  );
  client.close();
});

Deno.test("short writes are looped until all is written", async () => {
  const stream = new ScriptedStream({ writeAtMost: 1 });
  const { client } = bench(stream);
  const request = client.request({ ...POST_LARGE, body: LARGE.subarray(0, 2_000) });
  await settle();
  stream.send(answer("ok"));
  assertEquals(text((await request).body), "ok");
  assert(stream.writtenText.endsWith(`\r\n\r\n${"a".repeat(2_000)}`));
  assertEquals(stream.writes, stream.written.length);
  client.close();
});

Deno.test("an answer that comes in single bytes is put together", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  const chunked =
    "HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nDigest: z\r\n\r\n";
  for (const char of chunked) stream.send(char);
  assertEquals(text((await client.request(GET)).body), "hello world");
  client.close();
});

Deno.test("a body of unknown length ends with the connection", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  stream.send("HTTP/1.1 200 OK\r\n\r\nhel");
  stream.send("lo");
  stream.end();
  assertEquals(text((await client.request(GET)).body), "hello");
  assert(stream.isClosed);
});

Deno.test("an answer to HEAD has no body whatever it announces", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  stream.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  const response = await client.request({ method: "HEAD", target: "/" });
  assertEquals([response.status, response.body.length], [200, 0]);
  client.close();
});

Deno.test("an answer that comes while the body is still being written ends the exchange", async () => {
  const stream = new ScriptedStream({ room: 1_000 });
  const { client, clock } = bench(stream);
  const request = client.request(POST_LARGE);
  await settle();
  assert(stream.isBeingRead);
  stream.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
  const response = await request;
  assertEquals([response.status, text(response.body)], [413, "big"]);
  assertEquals(stream.written.length, 1_000);
  assert(stream.isClosed);
  assertEquals(clock.timers, 0);
});

Deno.test("an answer that begins early and ends after the request keeps the connection", async () => {
  const stream = new ScriptedStream({ room: 1_000 });
  const { client } = bench(stream);
  const request = client.request(POST_LARGE);
  await settle();
  stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
  await settle();
  stream.makeRoom(LARGE.length);
  await settle();
  stream.send("ok");
  assertEquals(text((await request).body), "ok");
  assert(!stream.isClosed);
  client.close();
  assert(stream.isClosed);
});

Deno.test("a peer that answers and then refuses the rest of the body is heard", async () => {
  const stream = new ScriptedStream({ room: 1_000 });
  const { client } = bench(stream);
  const request = client.request(POST_LARGE);
  await settle();
  stream.breakWrites(new Error("broken pipe"));
  await settle();
  stream.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  assertEquals((await request).status, 413);
  assert(stream.isClosed);
});

Deno.test("a peer that answered before it was asked and closed is heard on a fresh connection", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  stream.breakWrites(new Error("broken pipe"));
  stream.send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  stream.end();
  assertEquals((await client.request(GET)).status, 503);
  assert(stream.isClosed);
});

Deno.test("a fresh connection that dies before the first byte fails without a second dial", async () => {
  const stream = new ScriptedStream();
  const { client, net, clock } = bench(stream);
  const broken = new Error("broken pipe");
  stream.breakWrites(broken);
  stream.end();
  const error = await rejection(client.request(GET));
  assertInstanceOf(error, ConnectError);
  assertEquals([error.stage, error.code, error.engine], [
    "before_send",
    "upstream_failed",
    "python",
  ]);
  assertStrictEquals(error.cause, broken);
  assertEquals([net.dials, clock.timers, stream.isClosed], [1, 0, true]);
});

Deno.test("a connection that ends without an answer is a ConnectError after the request", async () => {
  const stream = new ScriptedStream();
  const { client, clock } = bench(stream);
  stream.end();
  const error = await rejection(client.request(GET));
  assertInstanceOf(error, ConnectError);
  assertEquals(error.stage, "after_send");
  assertEquals(
    error.message,
    "The connection to the engine python on /run/e.sock ended without an answer.",
  );
  assertEquals([clock.timers, stream.isClosed], [0, true]);
});

Deno.test("a connection that breaks in the middle of an answer is a ConnectError", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  const reset = new Error("connection reset");
  stream.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
  stream.breakReads(reset);
  const error = await rejection(client.request(GET));
  assertInstanceOf(error, ConnectError);
  assertStrictEquals(error.cause, reset);
  assert(stream.isClosed);
});

Deno.test("a broken rule names the rule and the engine, and closes", async () => {
  const stream = new ScriptedStream();
  const { client, clock } = bench(stream);
  stream.send("HTTP/1.1 2000 OK\r\n\r\n");
  const error = await rejection(client.request(GET));
  assertInstanceOf(error, ProtocolError);
  assertEquals([error.rule, error.side, error.engine], ["BAD_STATUS", "remote", "python"]);
  assert(error.message.startsWith("The engine python on /run/e.sock did not keep to HTTP/1.1."));
  assertEquals([clock.timers, stream.isClosed], [0, true]);
});

Deno.test("a request that must not be sent is refused before anything is dialed", async () => {
  const { client, net } = bench();
  const error = await rejection(client.request({ method: "GET", target: "/a b" }));
  assertInstanceOf(error, ProtocolError);
  assertEquals([error.side, error.rule, net.dials], ["local", "BAD_TARGET", 0]);
});

for (
  const [how, head, body] of [
    ["length-delimited", "Content-Length: 11\r\n", "hello world"],
    ["chunked", "Transfer-Encoding: chunked\r\n", "b\r\nhello world\r\n0\r\n\r\n"],
    ["close-delimited", "", "hello world"],
  ] as const
) {
  Deno.test(`a ${how} body is taken up to the caller's bound and refused beyond`, async () => {
    const [fits, over] = [new ScriptedStream(), new ScriptedStream()];
    const { client } = bench(fits, over);
    for (const stream of [fits, over]) {
      stream.send(`HTTP/1.1 200 OK\r\n${head}\r\n${body}`);
      stream.end();
    }
    const response = await client.request(GET, { maxBodyBytes: 11, fresh: true });
    assertEquals(text(response.body), "hello world");
    const error = await rejection(client.request(GET, { maxBodyBytes: 10, fresh: true }));
    assertInstanceOf(error, ProtocolError);
    assertEquals(error.rule, "BODY_TOO_LARGE");
    assert(over.isClosed);
  });
}

Deno.test("a large body is put together whole", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  stream.send(answer("x".repeat(1_000_000)));
  assertEquals((await client.request(GET)).body, new Uint8Array(1_000_000).fill(0x78));
  client.close();
});

Deno.test("the head limit counts from the last byte of a large body", async () => {
  const stream = new ScriptedStream({ room: 1_000 });
  const { client, clock } = bench(stream);
  const error = rejection(client.request(POST_LARGE, { headMs: 100 }));
  await clock.advance(5_000);
  stream.makeRoom(LARGE.length);
  await clock.advance(99);
  assert(!stream.isClosed);
  await clock.advance(LATE_MS);
  const thrown = await error;
  assertInstanceOf(thrown, TimeoutError);
  assertEquals([thrown.phase, clock.timers, stream.isClosed], ["head", 0, true]);
});

interface Wait {
  readonly phase: TimeoutError["phase"];
  readonly says: string;
  readonly room?: number;
  readonly large?: boolean;
  /** What the peer has sent when it falls silent. */
  readonly sent: string;
  readonly limits: { headMs?: number; bodyIdleMs?: number; writeIdleMs?: number; totalMs?: number };
}

const WAITS: readonly Wait[] = [
  {
    phase: "write",
    says: "a peer that stops reading",
    room: 1_000,
    large: true,
    sent: "",
    limits: { writeIdleMs: 100 },
  },
  { phase: "head", says: "a peer that never answers", sent: "", limits: { headMs: 100 } },
  { phase: "head", says: "half a head", sent: "HTTP/1.1 200 OK\r\nA:", limits: { headMs: 100 } },
  { phase: "head", says: "a 1xx only", sent: "HTTP/1.1 102 P\r\n\r\n", limits: { headMs: 100 } },
  {
    phase: "body",
    says: "half a body",
    sent: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    limits: { bodyIdleMs: 100 },
  },
  {
    phase: "body",
    says: "half a body of unknown length",
    sent: "HTTP/1.1 200 OK\r\n\r\nhalf",
    limits: { bodyIdleMs: 100 },
  },
  { phase: "total", says: "a peer that never answers", sent: "", limits: { totalMs: 100 } },
  {
    phase: "total",
    says: "half a body",
    sent: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    limits: { totalMs: 100, bodyIdleMs: 5_000 },
  },
];

for (const { phase, says, room, large, sent, limits } of WAITS) {
  Deno.test(`the ${phase} limit ends the wait for ${says}, and closes`, async () => {
    const stream = new ScriptedStream(room === undefined ? {} : { room });
    const { client, clock } = bench(stream);
    const error = rejection(client.request(large ? POST_LARGE : GET, limits));
    if (sent !== "") stream.send(sent);
    await clock.advance(99);
    assert(!stream.isClosed);
    await clock.advance(LATE_MS);
    const thrown = await error;
    assertInstanceOf(thrown, TimeoutError);
    assertEquals([thrown.phase, thrown.engine, thrown.code], [phase, "python", "upstream_timeout"]);
    assert(thrown.message.endsWith("within 100 ms."));
    assertEquals([clock.timers, stream.isClosed], [0, true]);
  });

  Deno.test(`the signal ends the wait for ${says} in ${phase}, and closes`, async () => {
    const stream = new ScriptedStream(room === undefined ? {} : { room });
    const { client, clock } = bench(stream);
    const controller = new AbortController();
    const { signal } = controller;
    const error = rejection(client.request(large ? POST_LARGE : GET, { signal }));
    if (sent !== "") stream.send(sent);
    await clock.advance(50);
    assert(!stream.isClosed);
    const reason = new Error("the caller left");
    controller.abort(reason);
    assertStrictEquals(await error, reason);
    assertEquals([clock.timers, stream.isClosed], [0, true]);
  });
}

Deno.test("a request that names no limit waits ten minutes for the head of its answer", async () => {
  const { client, clock } = bench(new ScriptedStream());
  const error = rejection(client.request(GET));
  await clock.advance(599_999);
  assertEquals(clock.timers, 1);
  await clock.advance(LATE_MS);
  assertEquals(clock.timers, 0);
  const thrown = await error;
  assertInstanceOf(thrown, TimeoutError);
  assertEquals(thrown.phase, "head");
});

Deno.test("the write limit starts anew with each byte that moves", async () => {
  const stream = new ScriptedStream({ room: 1_000 });
  const { client, clock } = bench(stream);
  const request = client.request(POST_LARGE, { writeIdleMs: 100, headMs: 100 });
  for (let step = 0; step < 5; step++) {
    await clock.advance(90);
    stream.makeRoom(1_000);
  }
  await clock.advance(90);
  stream.makeRoom(LARGE.length);
  await clock.advance(90);
  stream.send(answer("ok"));
  assertEquals(text((await request).body), "ok");
  client.close();
});

Deno.test("the body limit starts anew with each read, the total limit does not", async () => {
  const stream = new ScriptedStream();
  const { client, clock } = bench(stream);
  const error = rejection(client.request(GET, { bodyIdleMs: 1_000, totalMs: 3_000 }));
  stream.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
  for (let step = 0; step < 3; step++) {
    await clock.advance(900);
    stream.send("x");
  }
  await clock.advance(300 + LATE_MS);
  const thrown = await error;
  assertInstanceOf(thrown, TimeoutError);
  assertEquals(thrown.phase, "total");
});

Deno.test("an answer that came in time leaves no timer and no listener behind", async () => {
  const stream = new ScriptedStream();
  const { client, clock } = bench(stream);
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  stream.send(answer("ok"));
  await client.request(GET, { signal, totalMs: 1_000, fresh: true });
  assertEquals([clock.timers, listeners, stream.isClosed], [0, 0, true]);
});

Deno.test("a stream that says end-of-file when it is closed under us does not end a body tidily", async () => {
  class TidyStream extends ScriptedStream {
    override close(): void {
      this.end();
      super.close();
    }
  }
  const stream = new TidyStream();
  const { client, clock } = bench(stream);
  const error = rejection(client.request(GET, { bodyIdleMs: 100 }));
  stream.send("HTTP/1.1 200 OK\r\n\r\nhalf");
  await clock.advance(100 + LATE_MS);
  assertInstanceOf(await error, TimeoutError);
});

Deno.test("who asks for it is told of the final head, and of each piece of the body as it comes", async () => {
  const stream = new ScriptedStream();
  const { client } = bench(stream);
  const told: string[] = [];
  const request = client.request(GET, {
    onHead: ({ status, fields }) => {
      told.push(`${status} ${fields[0]?.join(": ")}`);
      return (piece) => told.push(text(piece));
    },
  });
  stream.send("HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  stream.send("5\r\nhello\r\n");
  await settle();
  assertEquals(told, ["200 transfer-encoding: chunked", "hello"]);
  stream.send("6\r\n world\r\n0\r\n\r\n");
  assertEquals(text((await request).body), "hello world");
  assertEquals(told.slice(1), ["hello", " world"]);
  client.close();
});
