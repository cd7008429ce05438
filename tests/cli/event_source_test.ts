import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { readEvents, type SourceEvent } from "../../src/cli/event_source.ts";

async function read(...pieces: readonly Uint8Array[]): Promise<SourceEvent[]> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  return await Array.fromAsync(readEvents(body()));
}

const STREAM = new TextEncoder().encode(
  'retry: 2000\n\nevent: hello\ndata: {"boot":"ä😀"}\n\n:\n\nevent: state\nid: b.1\ndata: {"n":1}\n\n' +
    "data: not json\n\nevent: two\r\ndata: [1,\r\ndata: 2]\r\n\r\nevent: cut\ndata: {}\n",
);

const EVENTS: readonly SourceEvent[] = [
  { type: "hello", id: null, data: { boot: "ä😀" } },
  { type: "state", id: "b.1", data: { n: 1 } },
  { type: "message", id: null, data: undefined },
  { type: "two", id: null, data: [1, 2] },
];

Deno.test("readEvents() gives whole events, and drops one that is cut", async () => {
  assertEquals(await read(STREAM), EVENTS);
  assertEquals(await read(), []);
});

Deno.test("readEvents() does not mind where the bytes are cut", async () => {
  const cuts = fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 12 });
  await fc.assert(fc.asyncProperty(cuts, async (places) => {
    const sorted = [0, ...places.toSorted((a, b) => a - b), STREAM.length];
    const pieces = sorted.slice(1).map((end, i) => STREAM.subarray(sorted[i], end));
    assertEquals(await read(...pieces), EVENTS);
  }));
});

Deno.test("readEvents() keeps no event that never ends", async () => {
  const piece = new Uint8Array(1_048_576).fill(0x61);
  await assertRejects(() => read(...Array.from({ length: 9 }, () => piece)), RangeError);
});
