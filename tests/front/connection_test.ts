import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { settle } from "../support/fake_clock.ts";
import { FrontWorld, get, post } from "./support/front_world.ts";
import type { Ours } from "../../src/front/mod.ts";

const echo: Ours = async (request) => new Response(await request.text());

Deno.test("an answer goes out in one write with its length, and the connection stays", async () => {
  const { ask, send, end } = new FrontWorld();
  const stream = await ask(get());
  assertMatch(stream.writtenText, /^HTTP\/1\.1 200 OK\r\n[^]*Content-Length: 5\r\n\r\nhello$/);
  assertEquals(stream.writes, 1);
  assert(!stream.isClosed && stream.isBeingRead);
  await send(stream, get());
  assertEquals(stream.writes, 2);
  await end();
});

Deno.test("a request fed byte by byte is answered like one fed whole", async () => {
  const { end, connect } = new FrontWorld({ ours: echo });
  const stream = await connect();
  const text = post("/", "body") +
    "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n";
  for (const byte of new TextEncoder().encode(text)) {
    stream.send(Uint8Array.of(byte));
    await settle();
  }
  const bodies = stream.writtenText.split(/HTTP\/1\.1[^]*?\r\n\r\n/).slice(1);
  assertEquals(bodies, ["body", "abc"]);
  await end();
});

Deno.test("pipelined requests wait for the answer before them", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const paths: string[] = [];
  const { end, ask, send } = new FrontWorld({
    ours: (request) => {
      const { pathname } = new URL(request.url);
      paths.push(pathname);
      return pathname === "/slow" ? promise : Promise.resolve(new Response(pathname));
    },
  });
  const stream = await ask(get("/slow") + get("/two"));
  await send(stream, get("/three"));
  assertEquals(paths, ["/slow"]);
  resolve(new Response("/one"));
  await settle();
  const bodies = stream.writtenText.split(/HTTP\/1\.1[^]*?\r\n\r\n/).slice(1);
  assertEquals(bodies, ["/one", "/two", "/three"]);
  await end();
});

Deno.test("pipelined bytes are not read on without end while an answer is made", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { end, ask, send } = new FrontWorld({ ours: () => promise });
  const stream = await ask(get());
  await send(stream, "x".repeat(1_000_000));
  assert(!stream.isBeingRead);
  resolve(new Response("done"));
  await settle();
  assertStringIncludes(stream.writtenText, "done");
  await end();
});

Deno.test("HEAD is answered with the length and without the body", async () => {
  const { end, ask, send } = new FrontWorld();
  const stream = await ask(get().replace("GET", "HEAD"));
  assertMatch(stream.writtenText, /Content-Length: 5\r\n\r\n$/);
  await send(stream, get());
  assertMatch(stream.writtenText, /hello$/);
  await end();
});

Deno.test("HEAD of a stream calls the stream off", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({ cancel: () => resolve() });
  const { end, ask } = new FrontWorld({ ours: () => Promise.resolve(new Response(body)) });
  const stream = await ask(get().replace("GET", "HEAD"));
  assertMatch(stream.writtenText, /^HTTP\/1\.1 200 OK\r\nDate: [^\r]+\r\n\r\n$/);
  await promise;
  await end();
});

Deno.test("204, 205 and 304 have no body", async () => {
  for (const status of [204, 205, 304]) {
    const ours = () => Promise.resolve(new Response(null, { status }));
    const { end, ask, send } = new FrontWorld({ ours });
    const stream = await ask(get());
    const length = status === 204 ? undefined : "Content-Length: 0";
    assertEquals(/Content-Length: \d+/.exec(stream.writtenText)?.[0], length, `${status}`);
    await send(stream, get());
    assertEquals(stream.writes, 2);
    await end();
  }
});

Deno.test("a stream goes out in chunks, each as soon as it is made", async () => {
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  const { end, ask } = new FrontWorld({ ours: () => Promise.resolve(new Response(readable)) });
  const stream = await ask(get());
  assertMatch(stream.writtenText, /Transfer-Encoding: chunked\r\n\r\n$/);
  await writer.write(new TextEncoder().encode("first"));
  await settle();
  assertMatch(stream.writtenText, /\r\n\r\n5\r\nfirst\r\n$/);
  await writer.write(new TextEncoder().encode("second"));
  await writer.close();
  await settle();
  assertMatch(stream.writtenText, /first\r\n6\r\nsecond\r\n0\r\n\r\n$/);
  assert(!stream.isClosed);
  await end();
});

Deno.test("a stream goes to HTTP/1.0 as it is, and the connection ends with it", async () => {
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  const { ask } = new FrontWorld({ ours: () => Promise.resolve(new Response(readable)) });
  const stream = await ask("GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
  await writer.write(new TextEncoder().encode("first"));
  await writer.close();
  await settle();
  assertMatch(stream.writtenText, /Connection: close\r\n\r\nfirst$/);
  assert(!stream.writtenText.includes("chunked") && stream.isClosed);
});

Deno.test("HTTP/1.0 is closed after its answer unless it asked to be kept", async () => {
  const { ask, end } = new FrontWorld();
  assert((await ask("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")).isClosed);
  const kept = await ask("GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
  assert(!kept.isClosed);
  assertStringIncludes(kept.writtenText, "Connection: keep-alive");
  await end();
});

Deno.test("a body that fails ends the connection without a last chunk", async () => {
  const pieces = [new TextEncoder().encode("half")];
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await settle();
      const piece = pieces.shift();
      if (piece === undefined) controller.error(new Error("broken"));
      else controller.enqueue(piece);
    },
  });
  const { connect, send, faults } = new FrontWorld({
    ours: () => Promise.resolve(new Response(body)),
  });
  const stream = await connect();
  await send(stream, get());
  for (let turn = 0; turn < 5; turn++) await settle();
  assertMatch(stream.writtenText, /4\r\nhalf\r\n$/);
  assert(stream.isClosed);
  assertEquals(faults.map(String), ["Error: broken"]);
});

Deno.test("a body that is not as long as it says is cut", async () => {
  for (const announced of ["3", "9"]) {
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await settle();
        controller.enqueue(new TextEncoder().encode("hello"));
        controller.close();
      },
    });
    const response = new Response(body, { headers: { "content-length": announced } });
    const { connect, send } = new FrontWorld({ ours: () => Promise.resolve(response) });
    const stream = await connect();
    await send(stream, get());
    for (let turn = 0; turn < 5; turn++) await settle();
    assertStringIncludes(stream.writtenText, `Content-Length: ${announced}`);
    assert(stream.isClosed, announced);
  }
});

Deno.test("a stream that says its length keeps it", async () => {
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await settle();
      controller.enqueue(new TextEncoder().encode("hello"));
      controller.close();
    },
  });
  const response = new Response(body, { headers: { "content-length": "5" } });
  const { end, connect, send } = new FrontWorld({ ours: () => Promise.resolve(response) });
  const stream = await connect();
  await send(stream, get());
  for (let turn = 0; turn < 5; turn++) await settle();
  assertMatch(stream.writtenText, /Content-Length: 5\r\n\r\nhello$/);
  assert(!stream.isClosed);
  await end();
});

Deno.test("what the app says of connection and framing does not contradict what goes out", async () => {
  const headers = {
    "transfer-encoding": "chunked",
    "connection": "close",
    "x-own": "1",
    "date": "now",
  };
  const { ask } = new FrontWorld({
    ours: () => Promise.resolve(new Response("hello", { headers })),
  });
  const stream = await ask(get());
  assertMatch(
    stream.writtenText,
    /x-own: 1\r\nDate: Wed, 01 Jan 2025 00:00:00 GMT\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello$/,
  );
  assert(stream.isClosed);
});

Deno.test("every answer of ours says when it was made: an error, and what can't be changed", async () => {
  const redirect = Response.redirect("http://localhost/there", 302);
  const { clock, end, ask } = new FrontWorld({ ours: () => Promise.resolve(redirect) });
  await clock.advance(61_999);
  const dates = [];
  for (const request of [get(), "GET / HTTP/3\r\n\r\n"]) {
    const { writtenText } = await ask(request);
    dates.push(/^HTTP\/1\.1 (\d+) [^]*\r\nDate: ([^\r]+)\r\n/.exec(writtenText)?.slice(1));
  }
  const date = "Wed, 01 Jan 2025 00:01:01 GMT";
  assertEquals(dates, [["302", date], ["505", date]]);
  await end();
});

Deno.test("Set-Cookie goes out as often as it was set", async () => {
  const response = new Response("", { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
  const { end, ask } = new FrontWorld({ ours: () => Promise.resolve(response) });
  const { writtenText } = await ask(get());
  assertEquals(writtenText.match(/set-cookie: \S+/g), ["set-cookie: a=1", "set-cookie: b=2"]);
  await end();
});

Deno.test("an app that fails is answered for, with 500", async () => {
  const { end, ask, faults } = new FrontWorld({ ours: () => Promise.reject(new Error("secret")) });
  const stream = await ask(get("/", "Accept: text/html"));
  assertMatch(stream.writtenText, /^HTTP\/1\.1 500 [^]*internal 500 text\/html$/);
  assertEquals(faults, []);
  await end();
});

Deno.test("100 Continue goes out when the body is first read, and once", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { end, ask, send } = new FrontWorld({
    ours: async (request) => {
      await promise;
      return new Response(await request.text());
    },
  });
  const expecting = post("/", "body", "Expect: 100-continue").replace(/body$/, "");
  const stream = await ask(expecting);
  assertEquals(stream.writtenText, "");
  resolve();
  await settle();
  assertEquals(stream.writtenText, "HTTP/1.1 100 Continue\r\n\r\n");
  await send(stream, "bo");
  await send(stream, "dy");
  assertMatch(stream.writtenText, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 [^]*body$/);
  assert(!stream.isClosed);
  await end();
});

Deno.test("no 100 Continue for a body that is here, nor for HTTP/1.0", async () => {
  const { end, ask } = new FrontWorld({ ours: echo });
  const whole = await ask(post("/", "body", "Expect: 100-continue"));
  assertMatch(whole.writtenText, /^HTTP\/1\.1 200/);
  const old = await ask(
    post("/", "body", "Expect: 100-continue").replace("1.1", "1.0").slice(0, -2),
  );
  assertEquals(old.writtenText, "");
  old.send("dy");
  await settle();
  assertMatch(old.writtenText, /^HTTP\/1\.1 200 [^]*body$/);
  await end();
});

Deno.test("an answer without the body that was expected ends the connection", async () => {
  const { ask, clock } = new FrontWorld();
  const stream = await ask(post("/", "body", "Expect: 100-continue").replace(/body$/, ""));
  assertMatch(stream.writtenText, /^HTTP\/1\.1 200 [^]*Connection: close\r\n\r\nhello$/);
  assert(stream.isWriteClosed);
  await clock.advance(2_000);
  assert(stream.isClosed);
});

Deno.test("a broken rule is answered with its status, then the connection ends", async () => {
  const rows = [
    ["GET / HTTP/2.0\r\n\r\n", 505],
    ["GET / HTTP/1.1\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400],
    ["GET /\u00e4 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
    ["CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", 501],
    [get("/", "Expect: wonders"), 417],
    [get("/", `X: ${"x".repeat(100_000)}`), 431],
    [get("/", "Transfer-Encoding: gzip, chunked"), 400],
    [get("/", "Transfer-Encoding: gzip"), 501],
    [get("/", "Content-Length: 1", "Transfer-Encoding: chunked"), 400],
  ] as const;
  for (const [text, status] of rows) {
    let served = 0;
    const { ask, clock } = new FrontWorld({
      ours: () => Promise.resolve(new Response(`${++served}`)),
    });
    const stream = await ask(text);
    const name = text.slice(0, 60);
    assertMatch(stream.writtenText, new RegExp(`^HTTP/1\\.1 ${status} `), name);
    assertStringIncludes(stream.writtenText, "Connection: close", name);
    assertEquals(served, 0, name);
    assert(stream.isWriteClosed && !stream.isClosed, name);
    await clock.advance(2_000);
    assert(stream.isClosed, name);
    assertEquals(clock.timers, 0);
  }
});

Deno.test("what follows a broken request is thrown away, never served", async () => {
  let served = 0;
  const { ask, send } = new FrontWorld({
    ours: () => Promise.resolve(new Response(`${++served}`)),
  });
  const stream = await ask("BROKEN\r\n\r\n" + get());
  await send(stream, get());
  assertEquals(served, 0);
  stream.end();
  await settle();
  assert(stream.isClosed);
});

Deno.test("a body that breaks a rule fails the reading of it, and is answered 400", async () => {
  const { ask, clock } = new FrontWorld({ ours: echo });
  const chunked = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  const stream = await ask(chunked + "3\r\nabcd\r\n");
  assertMatch(stream.writtenText, /^HTTP\/1\.1 400 [^]*Connection: close/);
  await clock.advance(2_000);
  assert(stream.isClosed);
});

Deno.test("a small body that nobody read is read on, and the connection stays", async () => {
  const { end, ask, send } = new FrontWorld();
  const stream = await ask(post("/", "x".repeat(100_000)) + get());
  assertEquals(stream.writtenText.match(/hello/g)?.length, 2);
  await send(stream, get());
  assertEquals(stream.writtenText.match(/hello/g)?.length, 3);
  await end();
});

Deno.test("a large body that nobody read ends the connection, and says so before", async () => {
  const { ask, send } = new FrontWorld();
  const stream = await ask(post("/", "x".repeat(1_000_000)).slice(0, -500_000));
  assertMatch(stream.writtenText, /Connection: close\r\n\r\nhello$/);
  assert(stream.isWriteClosed);
  await send(stream, "x".repeat(500_000) + get());
  stream.end();
  await settle();
  assert(stream.isClosed);
  assertEquals(stream.writtenText.match(/hello/g)?.length, 1);
});

Deno.test("GET with a body is served without it", async () => {
  const { end, ask, send } = new FrontWorld({
    ours: (request) => Promise.resolve(new Response(String(request.body))),
  });
  const stream = await ask(post("/", "body").replace("POST", "GET"));
  assertMatch(stream.writtenText, /null$/);
  await send(stream, get());
  assertEquals(stream.writes, 2);
  await end();
});

Deno.test("methods that a Request can't have are refused", async () => {
  for (const method of ["TRACE", "TRACK", "post", "Get"]) {
    const { end, ask } = new FrontWorld();
    const stream = await ask(get().replace("GET", method));
    assertMatch(stream.writtenText, /^HTTP\/1\.1 405 /, method);
    await end();
  }
});

Deno.test("the URL is that of host and target; odd ones are refused, none fails", async () => {
  const ours: Ours = (request) => Promise.resolve(new Response(request.url));
  const rows = [
    ["GET /a/../b?x=%zz HTTP/1.1\r\nHost: localhost:7411", /http:\/\/localhost:7411\/b\?x=%zz$/],
    ["GET //x HTTP/1.1\r\nHost: localhost", /http:\/\/localhost\/\/x$/],
    ["GET http://localhost/y HTTP/1.1\r\nHost: localhost", /http:\/\/localhost\/y$/],
    ["OPTIONS * HTTP/1.1\r\nHost: localhost", /http:\/\/localhost\/\*$/],
    ["GET / HTTP/1.0", /http:\/\/localhost\/$/],
    ["GET / HTTP/1.1\r\nHost: 999.1.1.1", /^HTTP\/1\.1 400 /],
    ["GET / HTTP/1.1\r\nHost: localhost:99999", /^HTTP\/1\.1 400 /],
    ["GET / HTTP/1.1\r\nHost: [::g]", /^HTTP\/1\.1 400 /],
  ] as const;
  for (const [text, expected] of rows) {
    const { end, ask } = new FrontWorld({ ours, kind: "control" });
    assertMatch((await ask(`${text}\r\n\r\n`)).writtenText, expected, text);
    await end();
  }
});

Deno.test("an error is told with the client's name of the request, or ours; a head that can't be read has none", async () => {
  const asked: (string | null)[] = [];
  const { ask, end } = new FrontWorld({
    ours: () => Promise.reject(new Error("oh")),
    renderError: (_error, { requestId }) => {
      asked.push(requestId);
      return new Response("error");
    },
    onFault: () => {},
  });
  await ask(get("/", "X-Request-Id: mine"));
  await ask(get("/upstream/e/", "X-Request-Id: a\r\nX-Request-Id: b"));
  await ask(get("/", `X-Request-Id: ${"x".repeat(1024 * 1024)}`));
  await ask(get("/", "X-Request-Id: a\x00b"));
  assertEquals(asked, ["mine", "02".repeat(8), null, null]);
  await end();
});
