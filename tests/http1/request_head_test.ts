import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../src/core/mod.ts";
import { encodeRequestHead, type RequestHead, type Rule } from "../../src/http1/mod.ts";
import { latin1 } from "./support/play.ts";

const HOST = ["Host", "localhost"] as const;

function head(part: Partial<RequestHead>): RequestHead {
  return { method: "GET", target: "/", fields: [HOST], ...part };
}

Deno.test("encodeRequestHead() writes the start line, the fields as given and a blank line", () => {
  const encoded = encodeRequestHead({
    method: "POST",
    target: "/a%20b?q=1&r=%23",
    fields: [HOST, ["X-Name", "\xe9 \t x"], ["x-empty", ""], ["Content-Length", "5"]],
  });
  assertEquals(
    latin1(encoded.bytes),
    "POST /a%20b?q=1&r=%23 HTTP/1.1\r\nHost: localhost\r\nX-Name: \xe9 \t x\r\nx-empty: \r\n" +
      "Content-Length: 5\r\n\r\n",
  );
  assertEquals([encoded.method, encoded.bodyBytes, encoded.saysClose], ["POST", 5, false]);
});

Deno.test("encodeRequestHead() notes that the request asks to close", () => {
  const fields = [HOST, ["connection", "x, Close"]] as const;
  assertEquals(encodeRequestHead(head({ fields })).saysClose, true);
});

Deno.test("encodeRequestHead() takes `*` for OPTIONS and TE with its Connection option", () => {
  encodeRequestHead(head({ method: "OPTIONS", target: "*" }));
  encodeRequestHead(head({ fields: [HOST, ["TE", "trailers"], ["Connection", "x, TE"]] }));
});

const REFUSED: readonly (readonly [Rule, string, Partial<RequestHead>])[] = [
  ["BAD_METHOD", "empty", { method: "" }],
  ["BAD_METHOD", "with a space", { method: "GET /x" }],
  ["BAD_METHOD", "with a line end", { method: "GET\r\n" }],
  ["BAD_METHOD", "CONNECT, which would be a tunnel", { method: "CONNECT" }],
  ["BAD_TARGET", "empty", { target: "" }],
  ["BAD_TARGET", "relative", { target: "status" }],
  ["BAD_TARGET", "absolute", { target: "http://x/" }],
  ["BAD_TARGET", "`*` without OPTIONS", { target: "*" }],
  ["BAD_TARGET", "with a space", { target: "/a b" }],
  ["BAD_TARGET", "with a line end", { target: "/ HTTP/1.1\r\nX: y" }],
  ["BAD_TARGET", "with a NUL", { target: "/\0" }],
  ["BAD_TARGET", "with a fragment", { target: "/a#b" }],
  ["BAD_TARGET", "not ASCII", { target: "/é" }],
  ["BAD_TARGET", "beyond Latin-1", { target: "/\u{10a}" }],
  ["BAD_HEADER_NAME", "empty", { fields: [HOST, ["", "1"]] }],
  ["BAD_HEADER_NAME", "with a space", { fields: [HOST, ["A ", "1"]] }],
  ["BAD_HEADER_NAME", "with a colon", { fields: [HOST, ["A:B", "1"]] }],
  ["BAD_HEADER_NAME", "with a line end", { fields: [HOST, ["A\r\nB", "1"]] }],
  ["BAD_HEADER_NAME", "not ASCII", { fields: [HOST, ["é", "1"]] }],
  ["BAD_HEADER_VALUE", "with CR LF", { fields: [HOST, ["A", "1\r\nB: 2"]] }],
  ["BAD_HEADER_VALUE", "with LF", { fields: [HOST, ["A", "1\nB: 2"]] }],
  ["BAD_HEADER_VALUE", "with CR", { fields: [HOST, ["A", "1\rB: 2"]] }],
  ["BAD_HEADER_VALUE", "with NUL", { fields: [HOST, ["A", "\0"]] }],
  ["BAD_HEADER_VALUE", "with blanks around it", { fields: [HOST, ["A", " 1"]] }],
  ["BAD_HEADER_VALUE", "that wraps to CR LF beyond Latin-1", {
    fields: [HOST, ["A", "\u{10d}\u{10a}"]],
  }],
  ["BAD_HOST", "missing", { fields: [] }],
  ["BAD_HOST", "twice", { fields: [HOST, ["host", "localhost"]] }],
  ["BAD_CONTENT_LENGTH", "not digits", { fields: [HOST, ["Content-Length", "1e3"]] }],
  ["CONFLICTING_CONTENT_LENGTH", "two that differ", {
    fields: [HOST, ["Content-Length", "1"], ["content-length", "2"]],
  }],
  ["CONFLICTING_CONTENT_LENGTH", "the same twice", {
    fields: [HOST, ["Content-Length", "1"], ["content-length", "1"]],
  }],
  ["CONFLICTING_CONTENT_LENGTH", "a list", { fields: [HOST, ["Content-Length", "1, 1"]] }],
  ["TE_AND_CL", "both", {
    fields: [HOST, ["Content-Length", "1"], ["Transfer-Encoding", "chunked"]],
  }],
  ["UNSUPPORTED_TE", "gzip", { fields: [HOST, ["Transfer-Encoding", "gzip"]] }],
  ["UNSUPPORTED_TE", "chunked, as bodies have a length", {
    fields: [HOST, ["Transfer-Encoding", "chunked"]],
  }],
  ["BAD_TE", "without its Connection option", { fields: [HOST, ["TE", "trailers"]] }],
  ["BAD_TE", "of a coding", { fields: [HOST, ["TE", "gzip"], ["Connection", "te"]] }],
  ["BAD_EXPECT", "without a body", { fields: [HOST, ["Expect", "100-continue"]] }],
];

for (const [rule, says, part] of REFUSED) {
  Deno.test(`encodeRequestHead() refuses before a byte is written, ${rule}: ${says}`, () => {
    const error = assertThrows(() => encodeRequestHead(head(part)), ProtocolError);
    assertEquals([error.side, error.rule, error.code], ["local", rule, "internal"]);
  });
}
