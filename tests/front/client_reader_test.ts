/** The incoming side of a connection. */
import { assertEquals, assertThrows } from "@std/assert";
import { Lookout } from "../../src/core/mod.ts";
import { ClientReader } from "../../src/front/client_reader.ts";
import { ReadBuffers } from "../../src/front/read_buffers.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";

function newReader(stream: ScriptedStream, buffers: ReadBuffers): ClientReader {
  return new ClientReader({
    stream,
    lookout: new Lookout(new FakeClock()),
    buffers,
    close() {},
    onReadEnd() {},
    onUnasked() {},
    tooLate: () => new Error("too late"),
  });
}

Deno.test("a second read while one is waited for is a fault, and the first one is served", async () => {
  const stream = new ScriptedStream();
  const reader = newReader(stream, new ReadBuffers());
  const came: number[] = [];
  const first = reader.read(Infinity, (_bytes, count) => came.push(count));
  assertThrows(() => reader.read(Infinity, () => came.push(-1)), TypeError, "waited for");
  stream.send("hello");
  await first;
  assertEquals(came, [5]);
  stream.close();
});

Deno.test("who fills its buffers gets larger ones, of which there are few; those that are lost may be made anew", async () => {
  const buffers = new ReadBuffers();
  const sizes = async (reader: ClientReader, stream: ScriptedStream, reads: number) => {
    const got: number[] = [];
    for (let i = 0; i < reads; i++) {
      reader.expectMuch();
      stream.send("x".repeat(1024 * 1024));
      await reader.read(Infinity, (_bytes, count) => got.push(count));
    }
    return got.map((bytes) => bytes / 1024);
  };
  const open = () => {
    const stream = new ScriptedStream();
    return { stream, reader: newReader(stream, buffers) };
  };
  const many = Array.from({ length: 9 }, open);
  for (const [i, { reader, stream }] of many.entries()) {
    const [first, ...more] = await sizes(reader, stream, 4);
    assertEquals([first, more], [64, Array(3).fill(i < 8 ? 256 : 64)]);
  }
  // One gives its two back, one is closed under way, one is answered early.
  const [rested, closed, early] = many;
  rested?.reader.rest();
  closed?.reader.close();
  early?.reader.abandon();
  for (let i = 0; i < 3; i++) {
    const { stream, reader } = open();
    assertEquals(await sizes(reader, stream, 4), [64, 256, 256, 256]);
  }
  const { stream, reader } = open();
  assertEquals(await sizes(reader, stream, 4), [64, 64, 64, 64]);
});
