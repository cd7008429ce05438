/** Who does not read, or asks without end, costs no memory: between real sockets. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { drain, get, House, ok, postHead, readTo, send } from "./support/house.ts";

const GIB = 1024 * 1024 * 1024;
/** What the system's buffers between the four sockets may take, and one read of ours. */
const IN_BUFFERS = 24 * 1024 * 1024;

/** Waits until `count` stands still. */
async function atRest(count: () => number): Promise<number> {
  let last = -1;
  for (let still = 0; still < 20;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    still = count() === last ? still + 1 : 0;
    last = count();
  }
  return last;
}

Deno.test("a client that reads byte by byte while the engine sends 1 GiB: the engine waits, no memory is taken", async () => {
  await using house = new House();
  const piece = new Uint8Array(1024 * 1024);
  let sent = 0;
  house.play = async (conn) => {
    await readTo(conn, "\r\n\r\n");
    await send(conn, `HTTP/1.1 200 OK\r\nContent-Length: ${GIB}\r\n\r\n`);
    while (sent < GIB) sent += await conn.write(piece);
  };
  const before = Deno.memoryUsage();
  const client = await house.connect(get("/upstream/e/"));
  const first = await atRest(() => sent);
  assert(first > 0 && first < IN_BUFFERS, `the engine has sent ${first} bytes`);
  for (let count = 0; count < 100; count++) assertEquals(await client.read(new Uint8Array(1)), 1);
  const then = await atRest(() => sent);
  assert(then < IN_BUFFERS, `the engine has sent ${then} bytes`);
  const { rss, external } = Deno.memoryUsage();
  assert(rss - before.rss < 32 * 1024 * 1024, `${rss - before.rss} bytes more are resident`);
  assert(external - before.external < 4 * 1024 * 1024, `${external - before.external} bytes more`);
  client.close();
  await house.until(() => house.open === 0 && house.held === 0, "the engine is let go");
});

Deno.test("a client that sends 1 GiB to an engine that does not read: the client waits, no memory is taken", async () => {
  await using house = new House();
  const over = Promise.withResolvers<void>();
  house.play = async (conn) => {
    await conn.read(new Uint8Array(16));
    await over.promise;
  };
  const before = Deno.memoryUsage().rss;
  const client = await house.connect(postHead("/upstream/e/", GIB));
  const piece = new Uint8Array(1024 * 1024);
  let sent = 0;
  const sending = (async () => {
    while (sent < GIB) sent += await client.write(piece);
  })().catch(() => {});
  const there = await atRest(() => sent);
  assert(there > 0 && there < IN_BUFFERS, `the client has sent ${there} bytes`);
  const more = Deno.memoryUsage().rss - before;
  assert(more < 32 * 1024 * 1024, `${more} bytes more are resident`);
  client.close();
  await sending;
  over.resolve();
  await house.until(() => house.open === 0 && house.held === 0, "the engine is let go");
});

Deno.test("a client that pipelines 100,000 requests and reads no answer is not read any more", async () => {
  await using house = new House();
  let asked = 0;
  house.play = async (conn) => {
    const answer = ok("x".repeat(10_000));
    let rest = "";
    const buffer = new Uint8Array(65_536);
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      rest += new TextDecoder().decode(buffer.subarray(0, count));
      assert(rest.split("\r\n\r\n").length <= 2, "one request at a time");
      if (!rest.endsWith("\r\n\r\n")) continue;
      rest = "";
      asked++;
      await send(conn, answer);
    }
  };
  const before = Deno.memoryUsage().rss;
  const client = await house.connect();
  const hundred = new TextEncoder().encode(
    get("/upstream/e/", `X: ${"x".repeat(200)}`).repeat(100),
  );
  let sent = 0;
  const sending = (async () => {
    for (let count = 0; count < 1_000; count++) {
      for (let at = 0; at < hundred.length;) {
        const took = await client.write(hundred.subarray(at));
        at += took;
        sent += took;
      }
    }
  })().catch(() => {});
  const answered = await atRest(() => asked);
  assert(answered > 0 && answered < 10_000, `${answered} were answered`);
  const there = await atRest(() => sent);
  assert(there < IN_BUFFERS, `${there} bytes were sent`);
  const more = Deno.memoryUsage().rss - before;
  assert(more < 48 * 1024 * 1024, `${more} bytes more are resident`);
  client.close();
  await sending;
  await house.until(() => house.front.openConnections === 0 && house.held === 0, "it is let go");
});

Deno.test("100 slow streams do not keep a fast request waiting, and come whole", async () => {
  await using house = new House();
  const go = Promise.withResolvers<void>();
  const streams = 100;
  const events = 50;
  house.play = async (conn) => {
    for (let head = await readTo(conn, "\r\n\r\n"); head !== null;) {
      if (head.startsWith("GET /fast")) await send(conn, ok("fast"));
      else {
        await send(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (let event = 0; event < events; event++) {
          if (event === 1) await go.promise;
          await send(conn, "5\r\nevent\r\n");
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        await send(conn, "0\r\n\r\n");
      }
      head = await readTo(conn, "\r\n\r\n");
    }
  };
  const slow = Array.from({ length: streams }, async () => {
    const client = await house.connect(get("/upstream/e/slow"));
    return (await readTo(client, "0\r\n\r\n"))?.match(/event/g)?.length;
  });
  await house.until(() => house.open === streams, "every stream has begun");
  const client = await house.connect();
  for (let count = 0; count < 200; count++) {
    await send(client, get("/upstream/e/fast"));
    assertMatch(await readTo(client, "fast") ?? "", /^HTTP\/1\.1 200 /);
  }
  go.resolve();
  assertEquals(await Promise.all(slow), Array(streams).fill(events));
  await house.until(() => house.held === 0, "every lease is back");
});

Deno.test("an engine that floods with 1xx, with fields or with trailers is cut off", async () => {
  await using house = new House();
  const floods: readonly (readonly [answer: string, status: RegExp])[] = [
    ["HTTP/1.1 103 E\r\nLink: x\r\n\r\n".repeat(1_000), /(?:103 [^]*){5}HTTP\/1\.1 502 /],
    [`HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(100_000)}`, /^HTTP\/1\.1 502 /],
    [`HTTP/1.1 200 ${"x".repeat(1_000_000)}`, /^HTTP\/1\.1 502 /],
    [
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n${
        "A: b\r\n".repeat(100_000)
      }`,
      /^HTTP\/1\.1 (?:502 |200 (?![^]*\r\n0\r\n))/,
    ],
  ];
  for (const [answer, expected] of floods) {
    house.play = async (conn) => {
      await readTo(conn, "\r\n\r\n");
      await send(conn, answer).catch(() => {});
      await drain(conn);
    };
    assertMatch(await house.ask(get("/upstream/e/", "Connection: close")), expected);
    await house.until(() => house.open === 0 && house.held === 0, "the engine is let go");
  }
});
