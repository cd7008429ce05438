import { assertEquals } from "@std/assert";
import type { BodyFraming, ResponsePlan, ResponseWish } from "../../src/http1/mod.ts";
import { type AnsweredRequest, planResponse } from "../../src/http1/response_plan.ts";

const NONE: BodyFraming = { kind: "none" };
const FIVE: BodyFraming = { kind: "length", bytes: 5 };
const EMPTY: BodyFraming = { kind: "length", bytes: 0 };
const CHUNKED: BodyFraming = { kind: "chunked" };
const UNTIL_CLOSE: BodyFraming = { kind: "until_close" };

const HTTP11: AnsweredRequest = {
  minorVersion: 1,
  isHead: false,
  isPersistent: true,
  asksUpgrade: false,
};
const HTTP10: AnsweredRequest = { ...HTTP11, minorVersion: 0 };
const HEAD: AnsweredRequest = { ...HTTP11, isHead: true };

const ok = (body: BodyFraming): ResponseWish => ({ status: 200, body });

/** What is asked, what is at hand; how it goes out: what follows, what is announced, Connection. */
const ROWS: readonly (readonly [
  string,
  AnsweredRequest,
  ResponseWish,
  BodyFraming,
  BodyFraming,
  ResponsePlan["connection"],
])[] = [
  ["a known length", HTTP11, ok(FIVE), FIVE, FIVE, undefined],
  ["no body is a length of 0", HTTP11, ok(NONE), EMPTY, EMPTY, undefined],
  ["chunks", HTTP11, ok(CHUNKED), CHUNKED, CHUNKED, undefined],
  ["an unknown length becomes chunks", HTTP11, ok(UNTIL_CLOSE), CHUNKED, CHUNKED, undefined],
  ["a wish to close", HTTP11, { ...ok(FIVE), close: true }, FIVE, FIVE, "close"],
  ["a client that closes", { ...HTTP11, isPersistent: false }, ok(FIVE), FIVE, FIVE, "close"],
  ["HTTP/1.0 kept", HTTP10, ok(FIVE), FIVE, FIVE, "keep-alive"],
  ["HTTP/1.0 not kept", { ...HTTP10, isPersistent: false }, ok(FIVE), FIVE, FIVE, "close"],
  ["HTTP/1.0 knows no chunks", HTTP10, ok(CHUNKED), UNTIL_CLOSE, UNTIL_CLOSE, "close"],
  ["HTTP/1.0, unknown length", HTTP10, ok(UNTIL_CLOSE), UNTIL_CLOSE, UNTIL_CLOSE, "close"],
  ["HEAD keeps the length", HEAD, ok(FIVE), NONE, FIVE, undefined],
  ["HEAD of an unknown length", HEAD, ok(CHUNKED), NONE, NONE, undefined],
  ["HEAD of HTTP/1.0", { ...HEAD, minorVersion: 0 }, ok(CHUNKED), NONE, NONE, "keep-alive"],
  ["204 names no length", HTTP11, { status: 204, body: FIVE }, NONE, NONE, undefined],
  ["304 may name a length", HTTP11, { status: 304, body: FIVE }, NONE, FIVE, undefined],
  ["304 without one", HTTP11, { status: 304, body: CHUNKED }, NONE, NONE, undefined],
  [
    "101 as asked",
    { ...HTTP11, asksUpgrade: true },
    { status: 101, body: NONE },
    NONE,
    NONE,
    "upgrade",
  ],
];

for (const [says, request, wish, framing, announces, connection] of ROWS) {
  Deno.test(`planResponse(): ${says}`, () => {
    const plan = planResponse(request, wish);
    assertEquals(plan, { status: wish.status, framing, announces, connection });
  });
}
