/** The client over real Unix sockets, against peers that behave badly; no connection stays open. */
import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { AiEngineError, ConnectError, ProtocolError, TimeoutError } from "../../src/core/mod.ts";
import { systemNet } from "../../src/platform/mod.ts";
import { UnixClient } from "../../src/pool/mod.ts";
import { rejection, text } from "./support/bench.ts";
import { readHead, sawClose, send, SocketPeer } from "./support/socket_peer.ts";
import { LATE_MS } from "../support/fake_clock.ts";

const GET = { method: "GET", target: "/status" } as const;
const LENGTH = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nDigest: z\r\n\r\n";

for (const [how, bytes] of [["sized", LENGTH], ["chunked", CHUNKED]] as const) {
  Deno.test(`a ${how} answer written byte by byte arrives whole, and the connection is kept`, async () => {
    await using peer = new SocketPeer();
    const first = peer.client.request(GET);
    const conn = await peer.accept();
    await readHead(conn);
    await send(conn, bytes, 1);
    assertEquals(text((await first).body), "hello");
    const second = peer.client.request(GET);
    await readHead(conn);
    await send(conn, bytes);
    assertEquals(text((await second).body), "hello");
    peer.client.close();
    assert(await sawClose(conn));
  });

  Deno.test(`a ${how} answer cut at any byte is an error, and the connection is closed`, async () => {
    await using peer = new SocketPeer();
    for (let length = 0; length < bytes.length; length++) {
      const error = rejection(peer.client.request(GET));
      const conn = await peer.accept();
      await readHead(conn);
      await send(conn, bytes.slice(0, length));
      await conn.closeWrite();
      const thrown = await error;
      if (length === 0) assertInstanceOf(thrown, ConnectError);
      else assertEquals((thrown as ProtocolError).rule, "TRUNCATED");
      assert(await sawClose(conn));
    }
    assertEquals(peer.clock.timers, 0);
  });
}

Deno.test("an answer that is there before the request is read is taken", async () => {
  await using peer = new SocketPeer();
  const response = peer.client.request(GET);
  const conn = await peer.accept();
  await send(conn, LENGTH);
  assertEquals(text((await response).body), "hello");
  peer.client.close();
  assert(await sawClose(conn));
});

Deno.test("of two answers the first is taken and the connection is not kept", async () => {
  await using peer = new SocketPeer();
  const response = peer.client.request(GET);
  const conn = await peer.accept();
  await readHead(conn);
  await send(conn, LENGTH + LENGTH);
  assertEquals(text((await response).body), "hello");
  assert(await sawClose(conn));
});

Deno.test("an answer nobody asked for on a kept connection retires it", async () => {
  await using peer = new SocketPeer();
  const first = peer.client.request(GET);
  const conn = await peer.accept();
  await readHead(conn);
  await send(conn, LENGTH);
  await first;
  await send(conn, LENGTH.replace("hello", "evil!"));
  assert(await sawClose(conn));
  const second = peer.client.request(GET);
  const fresh = await peer.accept();
  await readHead(fresh);
  await send(fresh, LENGTH);
  assertEquals(text((await second).body), "hello");
  peer.client.close();
  assert(await sawClose(fresh));
});

Deno.test("a peer that closes a kept connection is noticed, and the next request dials", async () => {
  await using peer = new SocketPeer();
  for (let round = 0; round < 3; round++) {
    const response = peer.client.request(GET);
    const conn = await peer.accept();
    await readHead(conn);
    await send(conn, LENGTH);
    assertEquals((await response).status, 200);
    conn.close();
  }
});

Deno.test("garbage is refused by name, and the connection is closed", async () => {
  await using peer = new SocketPeer();
  const error = rejection(peer.client.request(GET));
  const conn = await peer.accept();
  await readHead(conn);
  await send(conn, "SSH-2.0-OpenSSH_9.2\r\n");
  const thrown = await error;
  assertInstanceOf(thrown, ProtocolError);
  assertEquals(thrown.rule, "BAD_VERSION");
  assert(await sawClose(conn));
});

Deno.test("a peer that never answers meets the head limit, and sees the connection close", async () => {
  await using peer = new SocketPeer();
  const error = rejection(peer.client.request(GET, { headMs: 10_000 }));
  const conn = await peer.accept();
  await readHead(conn);
  await peer.clock.advance(10_000 + LATE_MS);
  const thrown = await error;
  assertInstanceOf(thrown, TimeoutError);
  assertEquals([thrown.phase, peer.clock.timers], ["head", 0]);
  assert(await sawClose(conn));
});

Deno.test("a caller who leaves in the middle of the answer closes the connection", async () => {
  await using peer = new SocketPeer();
  const controller = new AbortController();
  const error = rejection(peer.client.request(GET, { signal: controller.signal }));
  const conn = await peer.accept();
  await readHead(conn);
  await send(conn, LENGTH.slice(0, -1));
  const reason = new Error("the caller left");
  controller.abort(reason);
  assertStrictEquals(await error, reason);
  assert(await sawClose(conn));
});

Deno.test("a peer that answers and closes without reading a large body is heard", async () => {
  await using peer = new SocketPeer();
  const body = new Uint8Array(8 << 20);
  const response = peer.client.request({ method: "POST", target: "/input", body });
  const conn = await peer.accept();
  await send(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
  conn.close();
  const { status, body: answered } = await response;
  assertEquals([status, text(answered)], [413, "big"]);
});

Deno.test("a caller who leaves while a large body is stuck closes the connection", async () => {
  await using peer = new SocketPeer();
  const controller = new AbortController();
  const body = new Uint8Array(8 << 20);
  const request = { method: "POST", target: "/input", body } as const;
  const error = rejection(peer.client.request(request, { signal: controller.signal }));
  const conn = await peer.accept();
  const reason = new Error("the caller left");
  controller.abort(reason);
  assertStrictEquals(await error, reason);
  assert(await sawClose(conn));
});

Deno.test("a full backlog is waited for", async () => {
  await using peer = new SocketPeer();
  const fillers: Deno.Conn[] = [];
  const connect = () => Deno.connect({ transport: "unix", path: peer.path });
  const full = await rejection((async () => {
    for (;;) fillers.push(await connect());
  })());
  assertInstanceOf(full, Deno.errors.WouldBlock);
  const response = peer.client.request(GET, { connectMs: 60_000 });
  await peer.clock.advance(200 + LATE_MS);
  for (const filler of fillers) {
    (await peer.accept()).close();
    filler.close();
  }
  const accepting = peer.accept();
  await peer.clock.advance(50);
  const conn = await accepting;
  await readHead(conn);
  await send(conn, LENGTH);
  assertEquals((await response).status, 200);
  peer.client.close();
  assert(await sawClose(conn));
});

Deno.test("no socket and a socket nobody listens on are told apart", async () => {
  await using peer = new SocketPeer();
  const stale = `${peer.path}.stale`;
  const client = new UnixClient({ path: stale, net: systemNet, clock: peer.clock, engine: "x" });
  const missing = await rejection(client.request(GET));
  assertInstanceOf(missing, ConnectError);
  assert(missing.message.includes("there is no socket at that path"));
  await leaveSocketBehind(stale);
  const refused = await rejection(client.request(GET));
  assertInstanceOf(refused, ConnectError);
  assert(refused.message.includes("nobody listens on it"));
});

/** Makes a socket file whose listener is gone: the file is renamed before the listener removes it. */
async function leaveSocketBehind(path: string): Promise<void> {
  const listener = Deno.listen({ transport: "unix", path: `${path}.live` });
  await Deno.rename(`${path}.live`, path);
  listener.close();
}

Deno.test("a real server is spoken to side by side, with bodies of all sizes, on kept connections", async () => {
  await using peer = new SocketPeer();
  const path = `${peer.path}.serve`;
  const client = new UnixClient({ path, net: systemNet, clock: peer.clock });
  const server = Deno.serve({ path, onListen: () => {} }, async (request) => {
    const body = await request.bytes();
    if (request.method === "HEAD") return new Response("unseen");
    if (new URL(request.url).pathname === "/none") return new Response(null, { status: 204 });
    const isChunked = body.length % 2 === 0;
    return new Response(isChunked ? new Blob([body]).stream() : body);
  });
  const sizes = [0, 1, 2, 1_000, 65_536, 65_537, 300_000, 1_000_001];
  await Promise.all(sizes.map(async (size) => {
    const body = new Uint8Array(size).fill(size % 251);
    for (let round = 0; round < 3; round++) {
      const response = await client.request({ method: "POST", target: "/echo", body });
      assertEquals(response.status, 200);
      assert(response.body.length === size && response.body.every((byte) => byte === size % 251));
    }
  }));
  const head = await client.request({ method: "HEAD", target: "/" });
  assertEquals([head.status, head.body.length], [200, 0]);
  assertEquals((await client.request({ method: "GET", target: "/none" })).status, 204);
  client.close();
  await server.shutdown();
});

Deno.test("whatever a peer sends, only our errors come out and the connection is closed", async () => {
  await using peer = new SocketPeer();
  const junk = ["\r\n", "\0\0\0", "HTTP/1.1 200 OK\r\nA\r\n\r\n", "{}", "GET / HTTP/1.1\r\n\r\n"];
  for (const bytes of junk) {
    const error = rejection(peer.client.request(GET));
    const conn = await peer.accept();
    await send(conn, bytes);
    await conn.closeWrite();
    assertInstanceOf(await error, AiEngineError);
    assert(await sawClose(conn));
  }
});
