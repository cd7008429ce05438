/** Clients that leave, between real sockets: the engine is to stop computing at once. */
import { assert, assertEquals } from "@std/assert";
import { drain, get, House, ok, postHead, readTo, send } from "./support/house.ts";

/** Contract: the engine's connection is closed so soon after the client's. */
const WITHIN_MS = 10;
const ROUNDS = 20;

interface Moment {
  readonly says: string;
  readonly asks: string;
  /** What the engine says before it computes in silence. */
  readonly answers: string;
  /** What the client has read when it leaves. */
  readonly reads: string;
}

const MOMENTS: readonly Moment[] = [
  { says: "before the head", asks: get("/upstream/e/"), answers: "", reads: "" },
  {
    says: "in a stream that is silent",
    asks: get("/upstream/e/"),
    answers: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
    reads: "1\r\nx\r\n",
  },
  {
    says: "in the middle of its body",
    asks: postHead("/upstream/e/", 10) + "half",
    answers: "",
    reads: "",
  },
];

for (const { says, asks, answers, reads } of MOMENTS) {
  Deno.test(`a client that leaves ${says}: the engine's connection ends within 10 ms`, async () => {
    await using house = new House();
    let begun = 0;
    let ended = 0;
    let endedAt = 0;
    house.play = async (conn) => {
      await readTo(conn, asks.endsWith("half") ? "half" : "\r\n\r\n");
      await send(conn, answers);
      begun++;
      assertEquals(await drain(conn), "");
      endedAt = performance.now();
      ended++;
    };
    const took: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const client = await house.connect(asks);
      await house.until(() => begun === round, "the engine has the request");
      if (reads !== "") await readTo(client, reads);
      const leftAt = performance.now();
      client.close();
      await house.until(() => ended === round, "the engine's connection ended");
      took.push(endedAt - leftAt);
    }
    // The best of many: what the code needs, not what else the machine has to do.
    assert(Math.min(...took) <= WITHIN_MS, `${took.map((ms) => ms.toFixed(1))} ms`);
    await house.until(() => house.held === 0, "every lease is back");
    assertEquals(house.dials, ROUNDS);
  });
}

Deno.test("a client that half-closes counts as gone: the engine's connection ends, no retry, the lease is back", async () => {
  await using house = new House();
  let served = 0;
  house.play = async (conn) => {
    // The first answer makes it a kept connection, over which a GET might be tried again.
    await readTo(conn, "\r\n\r\n");
    await send(conn, ok("x"));
    await readTo(conn, "\r\n\r\n");
    served++;
    await drain(conn);
  };
  await house.ask(get("/upstream/e/", "Connection: close"));
  const client = await house.connect(get("/upstream/e/"));
  await house.until(() => served === 1, "the engine has the request");
  await client.closeWrite();
  assertEquals(await drain(client), "");
  await house.until(() => house.open === 0 && house.held === 0, "the engine's side ended");
  assertEquals([served, house.dials], [1, 1]);
});

Deno.test("a client that resets its connection counts as gone", async () => {
  await using house = new House();
  house.play = async (conn) => {
    await readTo(conn, "\r\n\r\n");
    await send(conn, `HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(100_000)}`);
    await drain(conn);
  };
  const client = await house.connect(get("/upstream/e/"));
  await readTo(client, "x");
  // Unread bytes are in its buffer, so its close is a reset.
  client.close();
  await house.until(() => house.open === 0 && house.held === 0, "the engine's side ended");
});
