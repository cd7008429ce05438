import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { ConnectError, TimeoutError } from "../../src/core/mod.ts";
import { SystemClock, systemNet } from "../../src/platform/mod.ts";
import { openAnswer } from "../../src/pool/open_answer.ts";
import { UnixClient } from "../../src/pool/mod.ts";
import { eventually } from "../support/program.ts";

interface World {
  readonly client: UnixClient;
  readonly path: string;
}

/** Runs `test` with a client of a socket in a directory of its own. */
async function withClient(test: (world: World) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "s.sock");
  const clock = new SystemClock();
  const client = new UnixClient({ path, net: systemNet, clock });
  try {
    await test({ client, path });
  } finally {
    client.close();
    clock.close();
    await Deno.remove(dir, { recursive: true });
  }
}

/** A server of one connection that does what `serve` says, raw. */
async function withServer(
  path: string,
  serve: (conn: Deno.Conn) => Promise<void>,
  test: () => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ transport: "unix", path });
  const serving = (async () => {
    using conn = await listener.accept();
    await conn.read(new Uint8Array(4_096));
    await serve(conn);
  })();
  await test();
  await serving;
}

const GET = { method: "GET", target: "/x" } as const;
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n";
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The end of the other side's connection. */
async function gone(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16);
  while (await conn.read(buffer).catch(() => null) !== null);
}

Deno.test("a piece is there before the next one is sent", async () => {
  await withClient(async ({ client, path }) => {
    const next = Promise.withResolvers<void>();
    await withServer(path, async (conn) => {
      await conn.write(encode(`${HEAD}3\r\none\r\n`));
      await next.promise;
      await conn.write(encode("3\r\ntwo\r\n0\r\n\r\n"));
      await gone(conn);
    }, async () => {
      const answer = await openAnswer(client, GET);
      assertEquals([answer.status, answer.fields[0]], [200, ["content-type", "text/plain"]]);
      const texts: string[] = [];
      for await (const piece of answer.body) {
        texts.push(decode(piece));
        next.resolve();
      }
      assertEquals(texts, ["one", "two"]);
    });
  });
});

Deno.test("who stops reading closes the connection", async () => {
  await withClient(async ({ client, path }) => {
    await withServer(path, async (conn) => {
      await conn.write(encode(`${HEAD}3\r\none\r\n`));
      await gone(conn);
    }, async () => {
      const answer = await openAnswer(client, GET);
      for await (const piece of answer.body) {
        assertEquals(decode(piece), "one");
        break;
      }
    });
  });
});

Deno.test("an answer that nobody reads is not taken into memory", async () => {
  await withClient(async ({ client, path }) => {
    let sent = 0;
    await withServer(path, async (conn) => {
      await conn.write(encode(HEAD));
      const chunk = encode(`10000\r\n${"x".repeat(65_536)}\r\n`);
      const flood = async () => {
        for (;;) sent += await conn.write(chunk);
      };
      await flood().catch(() => {});
    }, async () => {
      const answer = await openAnswer(client, GET);
      let before = -1;
      await eventually("a sender that is held up", () => {
        const isHeld = sent > 0 && sent === before;
        before = sent;
        return Promise.resolve(isHeld);
      });
      assert(sent < 8_388_608, String(sent));
      answer.close();
      answer.close();
    });
  });
});

Deno.test("a signal ends it with its reason, before and after the head", async () => {
  await withClient(async ({ client, path }) => {
    const reason = new Error("enough");
    {
      using _silent = Deno.listen({ transport: "unix", path });
      const abort = new AbortController();
      const opening = openAnswer(client, GET, { signal: abort.signal });
      abort.abort(reason);
      assertEquals(await assertRejects(() => opening), reason);
    }
    await Deno.remove(path).catch(() => {});
    await withServer(path, async (conn) => {
      await conn.write(encode(HEAD));
      await gone(conn);
    }, async () => {
      const abort = new AbortController();
      const answer = await openAnswer(client, GET, { signal: abort.signal });
      const reading = Array.fromAsync(answer.body);
      abort.abort(reason);
      assertEquals(await assertRejects(() => reading), reason);
    });
  });
});

Deno.test("one that breaks off is not ended tidily", async () => {
  await withClient(async ({ client, path }) => {
    await withServer(path, async (conn) => {
      await conn.write(encode(`${HEAD}3\r\none\r\n`));
    }, async () => {
      const answer = await openAnswer(client, GET);
      const error = await assertRejects(() => Array.fromAsync(answer.body), ConnectError);
      assertEquals(error.stage, "after_send");
    });
  });
});

Deno.test("silence has an end", async () => {
  await withClient(async ({ client, path }) => {
    await withServer(path, async (conn) => {
      await conn.write(encode(HEAD));
      await gone(conn);
    }, async () => {
      const answer = await openAnswer(client, GET, { bodyIdleMs: 20 });
      const error = await assertRejects(() => Array.fromAsync(answer.body), TimeoutError);
      assertEquals(error.phase, "body");
    });
  });
});

Deno.test("nobody there is told as such", async () => {
  await withClient(async ({ client }) => {
    const error = await assertRejects(() => openAnswer(client, GET), ConnectError);
    assertEquals(error.stage, "before_send");
  });
});
