/** A write of the client's bytes that is still under way when its answer is whole. */
import { assertEquals } from "@std/assert";
import type { ByteStream } from "../../src/core/mod.ts";
import { Front } from "../../src/front/mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { UnixClient } from "../../src/pool/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { AcceptedScript, ScriptedListener } from "../front/support/scripted_listener.ts";
import { frontOptions } from "../front/support/front_world.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";

/**
 * An engine that takes the head and then no more. As up to Deno 2.8, a write under way outlives the close
 * of its connection: what it would send is what stands in its bytes then.
 */
class Stuck extends ScriptedStream {
  underWay: Uint8Array | undefined;
  #writes = 0;

  override write(bytes: Uint8Array): Promise<number> {
    if (this.#writes++ === 0) return super.write(bytes);
    this.underWay = bytes;
    return new Promise(() => {});
  }
}

const POST = (body: string, length: number) =>
  `POST /upstream/e/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n${body}`;

for (const size of [100, 60_000]) {
  Deno.test(`bytes of a body are not overwritten while a write of them is under way: pieces of ${size}`, async () => {
    const clock = new FakeClock();
    const engine = new Stuck();
    const streams: ByteStream[] = [engine];
    const net = { connectUnix: () => Promise.resolve(streams.shift() ?? new Stuck()) };
    const pool = new UnixClient({ path: "/e", net, clock });
    const lease = {
      pool,
      generation: 1,
      release: () => {},
      explainBreak: (broke: never) => Promise.resolve(broke),
      failed: () => {},
      keepAlive: () => {},
      hasCrashed: () => Promise.resolve(false),
    };
    const gateway = createGateway({
      supervisor: { lease: () => lease },
      boot: "0badcafe",
      clock,
    });
    const front = new Front({ ...frontOptions([], undefined, clock), gateway, clock });
    const listener = new ScriptedListener();
    front.listen(listener, { kind: "control" });
    const client = new AcceptedScript();
    listener.connect(client);
    await settle();
    client.send(POST("", 3 * size));
    await settle();
    client.send("A".repeat(size));
    await settle();
    const underWay = engine.underWay;
    assertEquals(underWay?.every((byte) => byte === 0x41), true, "the write is under way");
    engine.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    await settle();
    client.send("B".repeat(2 * size));
    await settle();
    const other = new AcceptedScript();
    listener.connect(other);
    await settle();
    other.send(POST("Z".repeat(size), 2 * size));
    await settle();
    assertEquals(underWay?.every((byte) => byte === 0x41), true, "it is what the client sent");
    const drained = front.drain(0);
    await clock.advance(0);
    await drained;
    pool.close();
  });
}
