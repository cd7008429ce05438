/** Hypercorn as the engine, which our own Python engine is served by. */
import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { isCi, pythonDir } from "../e2e/support/harness.ts";
import { drain, get, House, postHead, readTo, send } from "./support/house.ts";

const APP = fromFileUrl(new URL("support/hypercorn_peer.py", import.meta.url));

/** A test of a gateway whose engine is Hypercorn. */
function hypercornTest(name: string, body: (house: House) => Promise<void>): void {
  const isMissing = pythonDir === null && !isCi;
  Deno.test({
    name: `Hypercorn${isMissing ? " (skipped: engine/python/.venv is missing)" : ""}: ${name}`,
    ignore: isMissing,
    async fn() {
      await using house = new House({ engine: "none" });
      const program = `${pythonDir ?? "engine/python"}/.venv/bin/python`;
      const child = new Deno.Command(program, { args: [APP, house.path] }).spawn();
      try {
        await untilListening(house.path);
        await body(house);
      } finally {
        house.pool.close();
        child.kill("SIGKILL");
        await child.status;
      }
    },
  });
}

async function untilListening(path: string): Promise<void> {
  for (const by = performance.now() + 20_000;;) {
    try {
      return (await Deno.connect({ transport: "unix", path })).close();
    } catch (error) {
      if (performance.now() > by) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** The head of an answer that has no body, or its body too where it ends with `end`. */
async function ask(client: Deno.Conn, request: string, end = "\r\n\r\n"): Promise<string> {
  await send(client, request);
  return await readTo(client, end) ?? "";
}

hypercornTest(
  "answers one after the other come over one connection, HEAD's without a body",
  async (house) => {
    const client = await house.connect();
    for (let round = 0; round < 20; round++) {
      const head = await ask(client, get("/upstream/e/sized").replace("GET", "HEAD"));
      assertMatch(
        head,
        /^HTTP\/1\.1 200 OK\r\n[^]*\r\nContent-Length: 5\r\n/,
      );
      assertMatch(await ask(client, get("/upstream/e/sized"), "sized"), /\r\n\r\nsized$/);
      assertMatch(await ask(client, get("/upstream/e/go")), /^HTTP\/1\.1 204 No Content\r\n/);
      const echoed = await ask(client, `${postHead("/upstream/e/echo", 5)}hello`, "0\r\n\r\n");
      assertMatch(echoed, /\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/);
    }
    assertEquals([house.dials, house.front.openConnections], [1, 1]);
  },
);

hypercornTest("a stream comes piece by piece, in chunks, and says its end", async (house) => {
  const client = await house.connect();
  const begun = await ask(client, get("/upstream/e/stream"), "one\r\n");
  assertMatch(begun, /\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n$/i);
  assertMatch(await ask(await house.connect(), get("/upstream/e/go")), / 204 /);
  assertEquals(await readTo(client, "0\r\n\r\n"), "3\r\ntwo\r\n0\r\n\r\n");
});

hypercornTest("a stream whose app fails is cut", async (house) => {
  const answer = await house.ask(get("/upstream/e/breaks"));
  assertMatch(answer, /^HTTP\/1\.1 200 /);
  assertEquals(
    answer.slice(answer.indexOf("\r\n\r\n") + 4).replace("<reset>", ""),
    "4\r\nhalf\r\n",
  );
});

hypercornTest("100 Continue comes before the body is sent", async (house) => {
  const client = await house.connect();
  const head = postHead("/upstream/e/echo", 5, "Expect: 100-continue");
  assertMatch(await ask(client, head), /^HTTP\/1\.1 100 Continue\r\n[^]*hypercorn/);
  assertMatch(await ask(client, "hello", "0\r\n\r\n"), /^HTTP\/1\.1 200 [^]*\r\n5\r\nhello\r\n0/);
});

hypercornTest("a 413 comes whole while the body is still being sent", async (house) => {
  for (let round = 0; round < 5; round++) {
    const client = await house.connect(postHead("/upstream/e/refuse", 100_000_000));
    const sending = sendUntilRefused(client);
    const answer = await drain(client);
    assertMatch(answer, /^HTTP\/1\.1 413 [^]*\r\n\r\nbig$/);
    client.close();
    await sending;
  }
  await house.until(() => house.front.openConnections === 0, "every client is let go");
  assertEquals([house.held, house.faults], [0, []]);
});

/** Sends as much of a body as is taken; that the peer has closed is its answer's affair. */
async function sendUntilRefused(client: Deno.Conn): Promise<void> {
  const piece = "x".repeat(100_000);
  try {
    for (let count = 0; count < 1_000; count++) await send(client, piece);
  } catch {
    return;
  }
}
