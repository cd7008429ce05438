import { assertEquals } from "@std/assert";
import { type BodyFraming, responseFraming } from "../../src/http1/framing.ts";
import type { AnnouncedLength } from "../../src/http1/message_facts.ts";

const NONE: AnnouncedLength = { kind: "none" };
const FIVE: AnnouncedLength = { kind: "length", bytes: 5 };
const CHUNKED: AnnouncedLength = { kind: "chunked" };

/** RFC 9112 section 6.3: its number, method, status, what the head announces, how the body ends. */
const ROWS: readonly (readonly [string, string, number, AnnouncedLength, BodyFraming])[] = [
  ["(1)", "HEAD", 200, FIVE, { kind: "none" }],
  ["(1)", "HEAD", 200, CHUNKED, { kind: "none" }],
  ["(1)", "HEAD", 200, NONE, { kind: "none" }],
  ["(1)", "GET", 103, FIVE, { kind: "none" }],
  ["(1)", "GET", 204, CHUNKED, { kind: "none" }],
  ["(1)", "GET", 304, FIVE, { kind: "none" }],
  ["(4)", "GET", 200, CHUNKED, { kind: "chunked" }],
  ["(6)", "GET", 200, FIVE, { kind: "length", bytes: 5 }],
  ["(6)", "POST", 500, { kind: "length", bytes: 0 }, { kind: "length", bytes: 0 }],
  ["(8)", "GET", 200, NONE, { kind: "until_close" }],
  ["(8)", "GET", 205, NONE, { kind: "until_close" }],
];

for (const [number, requestMethod, status, announced, framing] of ROWS) {
  const name = `${requestMethod} ${status} announcing ${announced.kind} ends by ${framing.kind}`;
  Deno.test(`responseFraming() ${number}: ${name}`, () => {
    const facts = { announced, saysClose: false, saysKeepAlive: false, idleHintMs: undefined };
    assertEquals(responseFraming({ status, requestMethod, facts }), framing);
  });
}
