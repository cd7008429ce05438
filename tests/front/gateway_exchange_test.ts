import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { ConnectError } from "../../src/core/mod.ts";
import type { ClientExchange } from "../../src/gateway/mod.ts";
import type { BodyFraming } from "../../src/http1/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { FrontWorld, get, post } from "./support/front_world.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Sends a whole answer of `body`. */
async function answer(exchange: ClientExchange, body = "ok"): Promise<void> {
  const plan = exchange.planResponse({ status: 200, body: { kind: "length", bytes: body.length } });
  const connection = plan.connection === undefined ? "" : `Connection: ${plan.connection}\r\n`;
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${connection}\r\n`;
  await exchange.send(encode(head + body), { plan, bodyBytes: body.length, then: "end" });
}

Deno.test("a request under the gateway's prefix is its own; what it sees is what came", async () => {
  const seen: unknown[] = [];
  const { ask, end } = new FrontWorld({
    forward(exchange) {
      const { request, framing, upgrade, clientAddress, expectsContinue } = exchange;
      seen.push(request.method, request.target, framing, upgrade, clientAddress, expectsContinue);
      return answer(exchange);
    },
  });
  const stream = await ask(get("/upstream/x/..//%2e?q"));
  assertEquals(seen, [
    "GET",
    "/upstream/x/..//%2e?q",
    { kind: "none" } satisfies BodyFraming,
    undefined,
    "127.0.0.1",
    false,
  ]);
  assertMatch(stream.writtenText, /ok$/);
  await end();
});

Deno.test("a body that is here is given without a promise, then its end, again and again", async () => {
  const { ask, end } = new FrontWorld({
    forward(exchange) {
      const data = exchange.nextBody();
      assert(!(data instanceof Promise) && data.type === "data");
      assertEquals(decode(data.bytes), "body");
      for (let turn = 0; turn < 2; turn++) {
        const last = exchange.nextBody();
        assert(!(last instanceof Promise) && last.type === "end");
      }
      return answer(exchange);
    },
  });
  assertMatch((await ask(post("/upstream/x", "body"))).writtenText, /ok$/);
  await end();
});

Deno.test("trailers come with the end of a chunked body", async () => {
  const { ask, end } = new FrontWorld({
    async forward(exchange) {
      assertEquals((await exchange.nextBody()).type, "data");
      const last = await exchange.nextBody();
      assert(last.type === "end");
      assertEquals(last.trailers.pairs(), [["x-sum", "1"]]);
      await answer(exchange);
    },
  });
  const head = "POST /upstream/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  const stream = await ask(head + "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");
  assertMatch(stream.writtenText, /ok$/);
  await end();
});

Deno.test("nothing is read while nobody asks for the body", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let size = 0;
  const { ask, end } = new FrontWorld({
    async forward(exchange) {
      await promise;
      for (let part = await exchange.nextBody(); part.type === "data";) {
        size += part.bytes.length;
        part = await exchange.nextBody();
      }
      await answer(exchange);
    },
  });
  const stream = await ask(post("/upstream/x", "x".repeat(1_000_000)));
  assert(!stream.isBeingRead);
  resolve();
  for (let turn = 0; turn < 100; turn++) await settle();
  assertEquals(size, 1_000_000);
  assertMatch(stream.writtenText, /ok$/);
  await end();
});

Deno.test("an error before the answer is told to the client, and the connection stays", async () => {
  const { ask, send, end } = new FrontWorld({
    forward: () =>
      Promise.reject(
        new ConnectError("upstream_failed", "before_send", { detail: "No.", remedy: "None." }),
      ),
  });
  const stream = await ask(get("/upstream/x", "Accept: a/b", "Accept: c/d"));
  assertMatch(stream.writtenText, /^HTTP\/1\.1 502 [^]*upstream_failed 502 a\/b, c\/d$/);
  await send(stream, get());
  assertMatch(stream.writtenText, /hello$/);
  await end();
});

Deno.test("an error after the head cuts the connection", async () => {
  const { ask, end } = new FrontWorld({
    async forward(exchange) {
      const plan = exchange.planResponse({ status: 200, body: { kind: "length", bytes: 9 } });
      await exchange.send(encode("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), {
        plan,
        bodyBytes: 0,
        then: "more",
      });
      throw new Error("broken");
    },
  });
  const stream = await ask(get("/upstream/x"));
  assertMatch(stream.writtenText, /Content-Length: 9\r\n\r\n$/);
  assert(stream.isClosed);
  await end();
});

Deno.test("cut() closes at once and is no client that left; so does an answer that stays away", async () => {
  for (const isCut of [true, false]) {
    let leaves = 0;
    const { ask, end, faults } = new FrontWorld({
      forward(exchange) {
        exchange.onGone(() => leaves++);
        if (isCut) exchange.cut();
        return Promise.resolve();
      },
    });
    const stream = await ask(get("/upstream/x"));
    assert(stream.isClosed);
    assertEquals([leaves, stream.writtenText, faults], [0, "", []]);
    await end();
  }
});

Deno.test("no answer passes for whole with fewer bytes than announced", async () => {
  const { ask, end } = new FrontWorld({
    async forward(exchange) {
      const plan = exchange.planResponse({ status: 200, body: { kind: "length", bytes: 9 } });
      const head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
      await exchange.send(encode(head), { plan, bodyBytes: 4, then: "end" });
    },
  });
  assert((await ask(get("/upstream/x"))).isClosed);
  await end();
});

Deno.test("1xx go out before the answer, none to HTTP/1.0, none after the head", async () => {
  const { ask, end } = new FrontWorld({
    async forward(exchange) {
      await exchange.inform(103, encode("HTTP/1.1 103 Early Hints\r\n\r\n"));
      await answer(exchange);
      await exchange.inform(103, encode("late"));
    },
  });
  const stream = await ask(get("/upstream/x"));
  assertMatch(stream.writtenText, /^HTTP\/1\.1 103 Early Hints\r\n\r\nHTTP\/1\.1 200 [^]*ok$/);
  const old = await ask("GET /upstream/x HTTP/1.0\r\nHost: localhost\r\n\r\n");
  assertMatch(old.writtenText, /^HTTP\/1\.1 200 [^]*ok$/);
  await end();
});

Deno.test("a 100 of the engine takes the place of ours", async () => {
  const { ask, send, end } = new FrontWorld({
    async forward(exchange) {
      assert(exchange.expectsContinue);
      await exchange.inform(100, encode("HTTP/1.1 100 Theirs\r\n\r\n"));
      assertEquals((await exchange.nextBody()).type, "data");
      assertEquals((await exchange.nextBody()).type, "end");
      await answer(exchange);
    },
  });
  const stream = await ask(post("/upstream/x", "body", "Expect: 100-continue").slice(0, -4));
  assertEquals(stream.writtenText, "HTTP/1.1 100 Theirs\r\n\r\n");
  await send(stream, "body");
  assertMatch(stream.writtenText, /^HTTP\/1\.1 100 Theirs\r\n\r\nHTTP\/1\.1 200 [^]*ok$/);
  await end();
});

Deno.test("an early answer ends a wait for the body, and the rest of the body is read on", async () => {
  const { promise: waiting, resolve: wait } = Promise.withResolvers<unknown>();
  const { ask, send, end } = new FrontWorld({
    async forward(exchange) {
      assertEquals((await exchange.nextBody()).type, "data");
      wait(Promise.resolve(exchange.nextBody()).catch((error) => error));
      await answer(exchange, "early");
    },
  });
  const stream = await ask(post("/upstream/x", "body").slice(0, -1));
  assertMatch(stream.writtenText, /early$/);
  assert(await waiting instanceof Error);
  await send(stream, "y" + get());
  assertMatch(stream.writtenText, /hello$/);
  await end();
});

Deno.test("an exchange that is over gives nothing of the next request", async () => {
  let kept: ClientExchange | undefined;
  const { ask, send, end } = new FrontWorld({
    forward(exchange) {
      kept = exchange;
      return answer(exchange);
    },
  });
  const stream = await ask(post("/upstream/x", "body"));
  assertThrows(() => kept?.nextBody());
  await send(stream, post("/", "next"));
  assertThrows(() => kept?.nextBody());
  assertMatch(stream.writtenText, /hello$/);
  await end();
});

const SWITCH = encode("HTTP/1.1 101 Switching Protocols\r\n\r\n");
const upgrade = get("/upstream/x", "Connection: upgrade", "Upgrade: chat");

Deno.test("after a 101 the stream is the gateway's, with all that came behind the request", async () => {
  const received: string[] = [];
  const { ask, send, front, end } = new FrontWorld({
    async forward(exchange) {
      assertEquals(exchange.upgrade && decode(exchange.upgrade), "chat");
      const plan = exchange.planResponse({ status: 101, body: { kind: "none" } });
      await exchange.send(SWITCH, { plan, bodyBytes: 0, then: "more" });
      const { stream, rest } = exchange.takeOver();
      received.push(decode(rest));
      const buffer = new Uint8Array(4);
      for (;;) {
        const count = await stream.read(buffer);
        if (count === null) break;
        received.push(decode(buffer.subarray(0, count)));
        await stream.write(encode("!"));
      }
      stream.close();
    },
  });
  for (const behind of ["", "rest"]) {
    received.length = 0;
    const stream = await ask(upgrade + behind);
    assertMatch(stream.writtenText, /^HTTP\/1\.1 101 /);
    await send(stream, "abcdefghi");
    await send(stream, get());
    assertEquals(received.slice(0, 4), [behind, "abcd", "efgh", "i"]);
    assert(!stream.isClosed);
    stream.end();
    await settle();
    assertEquals(received.slice(4).join(""), get());
    assert(stream.isClosed);
    assertEquals(front.openConnections, 0);
  }
  await end();
});

Deno.test("a tunnel counts as open until it is closed, though forward() is over; no limit ends it", async () => {
  let close = () => {};
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const { ask, clock, front, end } = new FrontWorld({
    async forward(exchange) {
      const plan = exchange.planResponse({ status: 101, body: { kind: "none" } });
      await exchange.send(SWITCH, { plan, bodyBytes: 0, then: "more" });
      const { stream } = exchange.takeOver();
      close = () => stream.close();
      stream.read(new Uint8Array(1)).then(() => resolve(), () => resolve());
    },
  });
  await ask(upgrade);
  await clock.advance(3_600_000);
  assertEquals(front.openConnections, 1);
  close();
  await over;
  await settle();
  assertEquals(front.openConnections, 0);
  await end();
});

Deno.test("a 101 that nobody asked for is refused", async () => {
  const { ask, end } = new FrontWorld({
    async forward(exchange) {
      await assertRejects(() =>
        Promise.try(() => exchange.planResponse({ status: 101, body: { kind: "none" } }))
      );
      await answer(exchange);
    },
  });
  assertMatch((await ask(get("/upstream/x"))).writtenText, /ok$/);
  await end();
});

for (let turns = 0; turns < 4; turns++) {
  const when = `${turns} turns after a piece of the body came`;
  Deno.test(`an early answer that ends ${when} loses neither piece nor next request`, async () => {
    const bodies: Promise<unknown>[] = [];
    const { connect, send, end } = new FrontWorld({
      async forward(exchange) {
        if (exchange.request.method === "GET") return await answer(exchange, "next");
        bodies.push(Promise.resolve(exchange.nextBody()).catch((error) => error));
        await answer(exchange);
        stream.send("12345");
        for (let turn = 0; turn < turns; turn++) await undefined;
      },
    });
    const stream = await connect();
    await send(stream, post("/upstream/x", "").replace("Length: 0", "Length: 10"));
    await send(stream, "67890" + get("/upstream/x"));
    assertMatch(stream.writtenText, /ok.*next$/s);
    assertEquals((await Promise.all(bodies)).length, 1);
    await end();
  });
}
