/** An engine that answers before it has read the body: what its clients get, a thousand times. */
import { assertEquals } from "@std/assert";
import { descriptors, drain, House, ok, postHead, send, toBytes } from "./support/house.ts";

const ANSWER = "early".repeat(4_000);
const BODY = "x".repeat(1_000_000);
const CHUNKED =
  "POST /upstream/e/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

interface Way {
  readonly says: string;
  /** Whether the engine closes after its answer, without having read the rest. */
  readonly closes: boolean;
  /** Sent before the client reads, and after it has seen that the answer began. */
  readonly before: string;
  readonly after: string;
}

const SIZED = postHead("/upstream/e/", BODY.length);
const FRAMED = `${CHUNKED}${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const WAYS: readonly Way[] = [
  { says: "closes at once", closes: true, before: SIZED, after: BODY },
  { says: "stays and reads no more", closes: false, before: SIZED, after: BODY },
  { says: "closes, of a chunked body", closes: true, before: "", after: FRAMED },
  {
    says: "closes while half of the body is still to come",
    closes: true,
    before: SIZED + BODY.slice(0, BODY.length / 2),
    after: BODY.slice(BODY.length / 2),
  },
];

for (const { says, closes, before, after } of WAYS) {
  Deno.test(`an engine that answers before it has read the body and ${says}: 250 whole answers`, async () => {
    await using house = new House();
    house.play = async (conn) => {
      await conn.read(new Uint8Array(64));
      await send(conn, ok(ANSWER, closes ? "Connection: close\r\n" : ""));
      if (!closes) await drain(conn);
    };
    const [first, rest] = [toBytes(before), toBytes(after)];
    const atFirst = descriptors();
    for (let round = 0; round < 250; round++) {
      const client = await house.connect(first);
      // Who goes on sending to a peer that has closed is told so; the answer must be there for all that.
      const sending = send(client, rest).catch(() => {});
      const answer = await drain(client);
      assertEquals(answer.slice(0, 15), "HTTP/1.1 200 OK", `round ${round}`);
      assertEquals(answer.slice(answer.indexOf("\r\n\r\n") + 4), ANSWER, `round ${round}`);
      client.close();
      await sending;
    }
    await house.until(() => house.front.openConnections === 0, "every client's connection closed");
    await house.until(() => house.open === 0, "every connection to the engine closed");
    assertEquals([house.held, house.dials, house.faults], [0, 250, []]);
    await house.until(() => descriptors() <= atFirst, "as many descriptors as at first");
  });
}
