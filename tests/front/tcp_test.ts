import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { request as nodeRequest } from "node:http";
import { Agent } from "node:http";
import type { Ours } from "../../src/front/mod.ts";
import { openUnixListener } from "../../src/platform/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { get, post } from "./support/front_world.ts";
import { readAll, readUntil, send, TcpFront } from "./support/raw_client.ts";

const echo: Ours = async (request) => new Response(await request.text());

Deno.test("fetch is answered over TCP, twice on one connection", async () => {
  await using front = new TcpFront({
    ours: (_, { clientAddress }) => Promise.resolve(new Response(clientAddress)),
  });
  for (const _ of [1, 2]) {
    const response = await fetch(front.url);
    assertEquals(await response.text(), "127.0.0.1");
    assertEquals(response.headers.get("content-length"), "9");
  }
  assertEquals(front.front.openConnections, 1);
  assertEquals(front.faults, []);
});

Deno.test("fetch sends and reads bodies of every kind", async () => {
  await using front = new TcpFront({ ours: echo });
  const ask = async (body: BodyInit) =>
    await (await fetch(front.url, { method: "POST", body })).text();
  assertEquals(await ask("small"), "small");
  assertEquals(await ask(""), "");
  const large = "x".repeat(3_000_000);
  assertEquals(await ask(large), large);
  const pieces = ["one", "two", "three"].map((text) => new TextEncoder().encode(text));
  assertEquals(await ask(ReadableStream.from(pieces)), "onetwothree");
});

Deno.test("node's client is served on a kept connection, and gets its 100 Continue", async () => {
  await using front = new TcpFront({ ours: echo });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const headers of [{}, { expect: "100-continue" }]) {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const request = nodeRequest(front.url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => text += part).on(
        "end",
        () => resolve(text),
      );
    });
    request.on("error", reject);
    if ("expect" in headers) request.on("continue", () => request.end("body")).flushHeaders();
    else request.end("body");
    assertEquals(await promise, "body");
  }
  assertEquals(front.front.openConnections, 1);
  agent.destroy();
});

Deno.test("pipelined requests are answered in order", async () => {
  await using front = new TcpFront({
    ours: (request) => Promise.resolve(new Response(new URL(request.url).pathname)),
  });
  using conn = await front.connect();
  const paths = Array.from({ length: 500 }, (_, index) => `/${index}`);
  await send(conn, paths.map((path) => get(path)).join(""));
  const text = await readUntil(conn, /\/499$/);
  assertEquals(text.match(/\/\d+(?=HTTP|$)/g), paths);
});

Deno.test("an event stream reaches fetch event by event, and its client's leaving the app", async () => {
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  await using front = new TcpFront({
    ours(_, { signal }) {
      signal.addEventListener("abort", () => leave());
      return Promise.resolve(new Response(readable));
    },
  });
  const response = await fetch(front.url);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (const event of ["one", "two", "three"]) {
    await writer.write(new TextEncoder().encode(event));
    assertEquals((await reader.read()).value, event);
  }
  await reader.cancel();
  await gone;
  await writer.abort().catch(() => {});
  while (front.front.openConnections > 0) await settle();
  assertEquals(front.faults, []);
});

Deno.test("a client that half-closes counts as gone", async () => {
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
  const { promise: never } = Promise.withResolvers<Response>();
  await using front = new TcpFront({
    ours(_, { signal }) {
      signal.addEventListener("abort", () => leave());
      return never;
    },
  });
  using conn = await front.connect();
  await send(conn, get());
  await conn.closeWrite();
  await gone;
  assertEquals(await conn.read(new Uint8Array(1)), null);
});

Deno.test("100,000 header bytes are answered 431, and the answer is read", async () => {
  await using front = new TcpFront();
  const conn = await front.connect();
  await send(conn, get("/", `X: ${"x".repeat(100_000)}`));
  assertMatch(await readAll(conn), /^HTTP\/1\.1 431 [^]*head_too_large/);
});

Deno.test("a client that sends 5 MB before it reads gets the answer to a body nobody read", async () => {
  await using front = new TcpFront();
  const conn = await front.connect();
  await send(conn, post("/", "x".repeat(5_000_000)));
  assertMatch(await readAll(conn), /Connection: close\r\n\r\nhello$/);
});

Deno.test("a body that is not pulled is not taken in: the client's writes wait", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using front = new TcpFront({
    async ours(request) {
      await promise;
      let size = 0;
      for await (const piece of request.body!) size += piece.length;
      return new Response(`${size}`);
    },
  });
  using conn = await front.connect();
  const size = 64 * 1024 * 1024;
  await send(conn, `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`);
  const piece = new Uint8Array(1024 * 1024);
  let sent = 0;
  const sending = (async () => {
    while (sent < size) {
      sent += await conn.write(piece.subarray(0, Math.min(piece.length, size - sent)));
    }
  })();
  let before = -1;
  while (before !== sent) {
    before = sent;
    for (let turn = 0; turn < 200; turn++) await settle();
  }
  assertLess(sent, size / 2);
  resolve();
  await sending;
  assertMatch(await readUntil(conn, /\d{8}$/), new RegExp(`${size}$`));
});

Deno.test("a stream is pulled no faster than its client reads, and arrives whole", async () => {
  let made = 0;
  const pieces = 64;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await settle();
      if (made++ < pieces) controller.enqueue(new Uint8Array(1024 * 1024));
      else controller.close();
    },
  }, { highWaterMark: 0 });
  await using front = new TcpFront({ ours: () => Promise.resolve(new Response(body)) });
  using conn = await front.connect();
  await send(conn, get("/", "Connection: close"));
  let before = -1;
  while (before !== made) {
    before = made;
    for (let turn = 0; turn < 200; turn++) await settle();
  }
  assertLess(made, pieces / 2);
  let size = 0;
  const buffer = new Uint8Array(1024 * 1024);
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    size += count;
  }
  assertGreater(size, pieces * 1024 * 1024);
});

Deno.test("a tunnel carries bytes both ways over TCP", async () => {
  await using front = new TcpFront({
    async forward(exchange) {
      const plan = exchange.planResponse({ status: 101, body: { kind: "none" } });
      const head = new TextEncoder().encode("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      await exchange.send(head, { plan, bodyBytes: 0, then: "more" });
      const { stream } = exchange.takeOver();
      const buffer = new Uint8Array(1024);
      for (let count = await stream.read(buffer); count !== null;) {
        await stream.write(buffer.subarray(0, count));
        count = await stream.read(buffer);
      }
      stream.close();
    },
  });
  const conn = await front.connect();
  await send(conn, get("/upstream/x", "Connection: upgrade", "Upgrade: chat"));
  await readUntil(conn, /101 [^]*\r\n\r\n$/);
  for (const word of ["one", "two"]) {
    await send(conn, word);
    await readUntil(conn, new RegExp(word));
  }
  await conn.closeWrite();
  assertEquals(await readAll(conn), "");
  while (front.front.openConnections > 0) await settle();
});

Deno.test("many clients at once, each with its own answers", async () => {
  await using front = new TcpFront({ ours: echo });
  const clients = Array.from({ length: 100 }, async (_, client) => {
    using conn = await front.connect();
    for (let turn = 0; turn < 10; turn++) {
      const body = `${client}-${turn}-`.padEnd(100 + turn * 300, "x");
      await send(conn, post("/", body));
      assert((await readUntil(conn, new RegExp(`${body}$`))).endsWith(body));
    }
  });
  await Promise.all(clients);
  while (front.front.openConnections > 0) await settle();
  assertEquals(front.faults, []);
});

Deno.test("a Unix socket is served as well; its clients have no address", async () => {
  const directory = await Deno.makeTempDir({ prefix: "front-" });
  {
    await using front = new TcpFront({
      ours: (_, { clientAddress }) => Promise.resolve(new Response(String(clientAddress))),
    });
    const path = `${directory}/s`;
    front.front.listen(await openUnixListener(path, "--control"), { kind: "control" });
    const conn = await Deno.connect({ transport: "unix", path });
    await send(conn, get("/", "Connection: close"));
    assertMatch(await readAll(conn), /null$/);
  }
  await Deno.remove(directory);
});
