/** The incoming side of a connection. */
import { assertEquals, assertThrows } from "@std/assert";
import { Lookout } from "../../src/core/mod.ts";
import { ClientReader } from "../../src/front/client_reader.ts";
import { ReadBuffers } from "../../src/front/read_buffers.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";

Deno.test("a second read while one is waited for is a fault, and the first one is served", async () => {
  const stream = new ScriptedStream();
  const reader = new ClientReader({
    stream,
    lookout: new Lookout(new FakeClock()),
    buffers: new ReadBuffers(),
    close() {},
    onReadEnd() {},
    onUnasked() {},
    tooLate: () => new Error("too late"),
  });
  const came: number[] = [];
  const first = reader.read(Infinity, (_bytes, count) => came.push(count));
  assertThrows(() => reader.read(Infinity, () => came.push(-1)), TypeError, "waited for");
  stream.send("hello");
  await first;
  assertEquals(came, [5]);
  stream.close();
});
