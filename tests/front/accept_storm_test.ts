/** Clients that reset their connections before they are accepted do not keep others waiting. */
import { assertEquals, assertMatch } from "@std/assert";
import { connect } from "node:net";
import { Front } from "../../src/front/mod.ts";
import { openTcpListener } from "../../src/platform/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { within } from "../support/program.ts";
import { frontOptions, get } from "./support/front_world.ts";
import { readUntil, send } from "./support/raw_client.ts";

/** Connects to a port that nobody accepts from yet, and resets the connection. */
async function connectAndReset(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resetAndDestroy();
  await closed;
}

Deno.test("20 connections that were reset before they were accepted do not keep the next one waiting", async () => {
  // It stands still: a pause for the sake of who is gone would never end.
  const clock = new FakeClock();
  const faults: unknown[] = [];
  const listener = openTcpListener({ hostname: "127.0.0.1", port: 0 });
  const { address } = listener;
  if (address.kind !== "tcp") throw new TypeError("not a TCP listener");
  for (let count = 0; count < 20; count++) await connectAndReset(address.port);
  const front = new Front({ ...frontOptions(faults, undefined, clock), clock });
  front.listen(listener, address);
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: address.port });
  try {
    await send(conn, get());
    const answer = await within(readUntil(conn, /hello$/), () => "the front pauses");
    assertMatch(answer, /^HTTP\/1\.1 200 /);
    assertEquals(faults, []);
  } finally {
    conn.close();
    const drained = front.drain(0);
    await clock.advance(10_000);
    await drained;
  }
});
