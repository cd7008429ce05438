/** What holds for any input: seeded, so that a failure comes again. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_LIMITS, RequestFault, ServerCodec } from "../../src/http1/mod.ts";
import { askedCodec, bytesOf } from "./support/play.ts";
import { PROPERTIES } from "./support/properties.ts";

const SEED = 20_260_101;

for (const { name, runs, check } of PROPERTIES) {
  Deno.test(name, () => check({ seed: SEED, numRuns: runs }));
}

Deno.test("input without end is refused after the limit, however small its pieces", () => {
  const filler = bytesOf("x".repeat(1_000));
  for (const start of ["HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nA: "]) {
    const codec = askedCodec();
    codec.receive(bytesOf(start));
    let fed = start.length;
    const feed = () => {
      for (; fed < 1 << 20; fed += filler.length) {
        codec.next();
        codec.receive(filler);
      }
    };
    let rule: unknown;
    try {
      feed();
    } catch (error) {
      rule = (error as { rule?: string }).rule;
    }
    assertEquals(rule, "HEAD_TOO_LARGE");
    assert(fed <= DEFAULT_LIMITS.maxHeadBytes + 2 * filler.length);
  }
});

Deno.test("a million chunks of one byte are read", () => {
  const count = 1 << 20;
  const input = bytesOf(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + "1\r\nx\r\n".repeat(count) +
      "0\r\n\r\n",
  );
  const codec = askedCodec();
  codec.receive(input);
  let bytes = 0;
  let last = codec.next();
  for (; last.type !== "end" && last.type !== "need_data"; last = codec.next()) {
    if (last.type === "data") bytes += last.bytes.length;
  }
  assertEquals([last.type, bytes], ["end", count]);
});

for (const start of ["", "GET /", "GET / HTTP/1.1\r\nHost: x\r\n", "GET / HTTP/1.1\r\nA: "]) {
  Deno.test(`a request without end is refused after the limit: ${JSON.stringify(start)}`, () => {
    const filler = bytesOf("x".repeat(1_000));
    const codec = new ServerCodec();
    codec.receive(bytesOf(start));
    let fed = start.length;
    const fault = assertThrows(() => {
      for (; fed < 1 << 20; fed += filler.length) {
        codec.next();
        codec.receive(filler);
      }
    }, RequestFault);
    assertEquals([fault.rule, fault.status], ["HEAD_TOO_LARGE", 431]);
    assert(fed <= DEFAULT_LIMITS.maxHeadBytes + 2 * filler.length);
    assert(codec.bufferedBytes <= DEFAULT_LIMITS.maxHeadBytes + 2 * filler.length);
  });
}

Deno.test("a request of a million chunks of one byte is read", () => {
  const count = 1 << 20;
  const codec = new ServerCodec();
  codec.receive(bytesOf(
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "1\r\nx\r\n".repeat(count) + "0\r\n\r\n",
  ));
  let bytes = 0;
  let last = codec.next();
  for (; last.type === "head" || last.type === "data"; last = codec.next()) {
    if (last.type === "data") bytes += last.bytes.length;
  }
  assertEquals([last.type, bytes], ["end", count]);
});

Deno.test("a head of a million bytes, one at a time, is looked at once: no step starts over", () => {
  const codec = new ServerCodec({ ...DEFAULT_LIMITS, maxHeadBytes: 2 << 20 });
  const value = "x".repeat(1 << 20);
  const head = bytesOf(`GET / HTTP/1.1\r\nHost: x\r\nA: ${value}\r\n\r\n`);
  for (let at = 0; at < head.length - 1; at++) {
    codec.receive(head.subarray(at, at + 1));
    // Anything quadratic here takes minutes: 10^12 steps.
    assertEquals(codec.next().type === "need_data", true);
  }
  codec.receive(head.subarray(head.length - 1));
  const outcome = codec.next();
  assertEquals(outcome.type === "head" && outcome.request.fields.text(1).length, value.length);
});
