/** A body of next to nothing but chunk extensions. */
import { assertEquals, assertThrows } from "@std/assert";
import { RequestFault, ServerCodec } from "../../src/http1/mod.ts";

const HEAD = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
const bytes = (text: string) => new TextEncoder().encode(text);

/** Feeds chunks until the codec refuses them; how many it took. */
function taken(codec: ServerCodec, chunk: Uint8Array, most: number): number {
  for (let count = 0; count < most; count++) {
    codec.receive(chunk);
    for (let it = codec.next(); it.type !== "need_data"; it = codec.next());
  }
  return most;
}

Deno.test("chunks of one byte with long extensions are refused after 16 KiB of them: BAD_CHUNK_EXT", () => {
  const codec = new ServerCodec();
  codec.receive(bytes(HEAD));
  const chunk = bytes(`1;${"e".repeat(4_000)}\r\nx\r\n`);
  const fault = assertThrows(() => taken(codec, chunk, 1_000), RequestFault);
  assertEquals(fault.rule, "BAD_CHUNK_EXT");
});

Deno.test("long extensions of large chunks, and short ones of small chunks, are taken without end", () => {
  for (
    const chunk of [
      `800;${"e".repeat(4_000)}\r\n${"x".repeat(2_048)}\r\n`,
      "1;a=bcdefghij\r\nx\r\n",
    ]
  ) {
    const codec = new ServerCodec();
    codec.receive(bytes(HEAD));
    assertEquals(taken(codec, bytes(chunk), 10_000), 10_000);
  }
});
