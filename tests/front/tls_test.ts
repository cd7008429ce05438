/** TLS on real sockets, with a certificate made for the test. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Ours } from "../../src/front/mod.ts";
import { type Certified, certified } from "../support/certificates.ts";
import { settle } from "../support/fake_clock.ts";
import { get, post } from "./support/front_world.ts";
import { readUntil, send } from "./support/raw_client.ts";
import {
  eventuallyAtMost,
  exchange,
  openSockets,
  readToEnd,
  TlsFront,
} from "./support/tls_front.ts";

/** The first bytes of a record of TLS, which announces more than comes. */
const HALF_A_HELLO = Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3);

const echo: Ours = async (request) => new Response(await request.text());

function tlsTest(name: string, body: (made: Certified) => Promise<void>): void {
  Deno.test(name, async () => {
    await using made = await certified();
    await body(made);
  });
}

tlsTest(
  "fetch is answered over TLS, twice on one connection; URLs begin with https",
  async (made) => {
    await using front = await TlsFront.open(made, {
      ours: ({ url }, { clientAddress }) =>
        Promise.resolve(new Response(`${clientAddress} ${url}`)),
    });
    using client = front.client();
    for (const path of ["/a", "/b"]) {
      const response = await fetch(front.url + path, { client });
      assertEquals(await response.text(), `127.0.0.1 ${front.url}${path}`);
    }
    assertEquals([front.front.openConnections, front.failed, front.faults], [1, 0, []]);
  },
);

tlsTest(
  "HTTP/1.1 is agreed on, also with who would rather have HTTP/2; who has only that goes",
  async (made) => {
    await using front = await TlsFront.open(made);
    using conn = await front.connect(["h2", "http/1.1"]);
    assertEquals((await conn.handshake()).alpnProtocol, "http/1.1");
    using other = await front.connect(["h2"]);
    await assertRejects(() => other.handshake());
    await until(() => front.failed === 1);
  },
);

tlsTest("bodies of every size come and go whole, a byte at a time and in one", async (made) => {
  await using front = await TlsFront.open(made, { ours: echo });
  using client = front.client();
  for (const size of [0, 1, 16_384, 16_385, 5_000_000]) {
    const body = "x".repeat(size);
    const response = await fetch(front.url, { method: "POST", body, client });
    assertEquals((await response.text()).length, size);
  }
  using conn = await front.connect();
  for (const byte of post("/", "slow")) await send(conn, byte);
  await readUntil(conn, /slow$/);
});

tlsTest("many clients at once, each with its own answers", async (made) => {
  await using front = await TlsFront.open(made, { ours: echo });
  const clients = Array.from({ length: 40 }, async (_, client) => {
    using conn = await front.connect();
    for (let turn = 0; turn < 5; turn++) {
      const body = `${client}-${turn}-`.padEnd(100 + turn * 20_000, "x");
      await send(conn, post("/", body));
      await readUntil(conn, new RegExp(`${body.slice(0, 10)}x*$`));
    }
  });
  await Promise.all(clients);
  assertEquals(front.faults, []);
});

tlsTest(
  "the end of a whole answer is told; a cut is not, so that half an answer can't look whole",
  async (made) => {
    const pieces = () => {
      let count = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          if (count++ === 0) controller.enqueue(new TextEncoder().encode("half"));
          else throw new Error("broke off");
        },
      }, { highWaterMark: 0 });
    };
    await using front = await TlsFront.open(made, {
      ours: ({ url }) =>
        Promise.resolve(new Response(new URL(url).pathname === "/cut" ? pieces() : "whole")),
    });
    const whole = await exchange(await front.connect(), get("/", "Connection: close"));
    assertMatch(whole.text, /whole$/);
    assertEquals(whole.isTold, true);
    const chunked = await exchange(await front.connect(), get("/cut"));
    assertMatch(chunked.text, /4\r\nhalf\r\n$/);
    assertEquals(chunked.isTold, false);
    // Here nothing else tells.
    const old = await exchange(
      await front.connect(),
      "GET /cut HTTP/1.0\r\nHost: localhost\r\n\r\n",
    );
    assertMatch(old.text, /\r\n\r\nhalf$/);
    assertEquals(old.isTold, false);
  },
);

tlsTest(
  "all of a large answer is sent before its connection ends, however slowly it is read",
  async (made) => {
    const size = 12_000_000;
    const body = "x".repeat(size);
    await using front = await TlsFront.open(made, {
      ours: () => Promise.resolve(new Response(body)),
    });
    const conn = await front.connect();
    await send(conn, get("/", "Connection: close"));
    const buffer = new Uint8Array(65_536);
    let bytes = await conn.read(buffer) ?? 0;
    await until(() => front.front.openConnections === 0 || openSockets() === 0, 500);
    for (let count; (count = await conn.read(buffer)) !== null;) bytes += count;
    conn.close();
    assert(bytes > size);
  },
);

tlsTest("a client that leaves is seen at once, with a word or without", async (made) => {
  for (const leave of [(conn: Deno.Conn) => conn.close(), (conn: Deno.Conn) => conn.closeWrite()]) {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    await using front = await TlsFront.open(made, {
      ours: (_, { signal }) => {
        signal.addEventListener("abort", () => resolve());
        return new Promise(() => {});
      },
    });
    const conn = await front.connect();
    await send(conn, get());
    await until(() => front.front.openConnections === 1);
    await leave(conn);
    await gone;
    try {
      conn.close();
    } catch {
      // It was closed already.
    }
  }
});

tlsTest(
  "who says nothing, or half of a handshake, is closed after the limit and keeps nothing of ours",
  async (made) => {
    await using front = await TlsFront.open(made, { limits: { headMs: 1_000 }, maxConnections: 2 });
    const before = openSockets();
    const waiting = await Promise.all(Array.from({ length: 20 }, () => front.connectPlain()));
    for (const conn of waiting.slice(10)) await conn.write(HALF_A_HELLO);
    // They take nobody's place meanwhile.
    const answer = await exchange(await front.connect(), get("/", "Connection: close"));
    assertMatch(answer.text, /hello$/);
    await until(() => front.failed === 20);
    // Theirs stay open; ours are gone.
    await eventuallyAtMost(before + waiting.length);
    for (const conn of waiting) assertEquals(await readToEnd(conn), { text: "", isTold: true });
  },
);

tlsTest("plain HTTP and garbage are closed at once, counted, and harm nobody", async (made) => {
  await using front = await TlsFront.open(made);
  using good = await front.connect();
  await send(good, get());
  await readUntil(good, /hello$/);
  const random = crypto.getRandomValues(new Uint8Array(4_000));
  const garbage = [
    new TextEncoder().encode(get()),
    new Uint8Array(10_000),
    random,
    Uint8Array.of(22, 3, 1, 0, 5, ...random.subarray(0, 5)),
    Uint8Array.of(22, ...random),
    Uint8Array.of(22, 3, 3, 255, 255, ...random),
  ];
  for (const bytes of garbage) {
    const conn = await front.connectPlain();
    await conn.write(bytes);
    const buffer = new Uint8Array(100);
    // An alert may tell why; a reset is as good an end.
    while (await conn.read(buffer).catch(() => null) !== null);
    conn.close();
  }
  assertEquals(front.failed, garbage.length);
  assertEquals(front.faults, []);
  await send(good, get());
  await readUntil(good, /hello$/);
});

tlsTest("an answer that nobody reads keeps nothing once it is given up", async (made) => {
  await using front = await TlsFront.open(made, {
    ours: () => Promise.resolve(new Response("x".repeat(50_000_000))),
    limits: { writeStallMs: 1_000 },
  });
  const before = openSockets();
  const conn = await front.connect();
  await send(conn, get());
  await until(() => front.front.openConnections === 1);
  await until(() => front.front.openConnections === 0);
  // The client's own is left.
  await eventuallyAtMost(before + 1);
  conn.close();
});

tlsTest("who asks on and on and reads nothing keeps nothing once it is given up", async (made) => {
  await using front = await TlsFront.open(made, {
    ours: () => Promise.resolve(new Response("x".repeat(10_000))),
    limits: { writeStallMs: 1_000 },
  });
  const before = openSockets();
  const conn = await front.connect();
  const asking = (async () => {
    for (;;) await send(conn, get().repeat(1_000));
  })().catch(() => {});
  await until(() => front.front.openConnections === 1);
  await until(() => front.front.openConnections === 0);
  await eventuallyAtMost(before + 1);
  conn.close();
  await asking;
});

tlsTest("a tunnel carries bytes both ways over TLS", async (made) => {
  await using front = await TlsFront.open(made, {
    async forward(exchange) {
      assertEquals(exchange.scheme, "https");
      const plan = exchange.planResponse({ status: 101, body: { kind: "none" } });
      const head = new TextEncoder().encode("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      await exchange.send(head, { plan, bodyBytes: 0, then: "more" });
      const { stream } = exchange.takeOver();
      const buffer = new Uint8Array(1024);
      for (let i = 0; i < 2; i++) {
        await stream.write(buffer.subarray(0, await stream.read(buffer) ?? 0));
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
  assertEquals(await readToEnd(conn), { text: "", isTold: true });
});

tlsTest("a drain ends handshakes, and cuts what does not end by itself", async (made) => {
  await using front = await TlsFront.open(made, { ours: () => new Promise(() => {}) });
  const silent = await front.connectPlain();
  const asking = await front.connect();
  await send(asking, get());
  await until(() => front.front.openConnections === 1);
  await front.front.drain(1_000);
  assertEquals(await readToEnd(asking), { text: "", isTold: false });
  assertEquals(await readToEnd(silent), { text: "", isTold: true });
});

tlsTest(
  "another certificate is shown to new connections; those that are open go on",
  async (made) => {
    await using front = await TlsFront.open(made);
    await using other = await certified();
    using old = await front.connect();
    await old.handshake();
    front.identity = other.server;
    using stranger = await front.connect();
    await assertRejects(() => stranger.handshake(), Error, "certificate");
    await send(old, get());
    await readUntil(old, /hello$/);
  },
);

/** Waits until `isSo`; gives up after `limitMs` where that is given, else fails after ten seconds. */
async function until(isSo: () => boolean, limitMs?: number): Promise<void> {
  const end = performance.now() + (limitMs ?? 10_000);
  while (!isSo()) {
    if (performance.now() > end) {
      assert(limitMs !== undefined, "It did not come about");
      return;
    }
    await settle();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
