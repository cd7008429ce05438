import { assertEquals, assertNotStrictEquals } from "@std/assert";
import { newBytes } from "../../src/http1/mod.ts";

Deno.test("no two arrays share a byte, and each begins as zeros", () => {
  const arrays = Array.from({ length: 200 }, (_, index) => {
    const bytes = newBytes(index * 13);
    assertEquals(bytes, new Uint8Array(index * 13));
    return bytes.fill(index);
  });
  for (const [index, bytes] of arrays.entries()) {
    assertEquals(bytes, new Uint8Array(index * 13).fill(index));
  }
});

Deno.test("a large array has a buffer of its own", () => {
  const [one, other] = [newBytes(100_000), newBytes(100_000)];
  assertEquals(one.buffer.byteLength, 100_000);
  assertNotStrictEquals(one.buffer, other.buffer);
});
