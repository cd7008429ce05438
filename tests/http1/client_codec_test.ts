import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../src/core/mod.ts";
import { ClientCodec, encodeRequestHead, type Rule } from "../../src/http1/mod.ts";
import { askedCodec, bytesOf } from "./support/play.ts";

const GET = encodeRequestHead({ method: "GET", target: "/", fields: [["Host", "x"]] });
const POST = encodeRequestHead({
  method: "POST",
  target: "/",
  fields: [["Host", "x"], ["Content-Length", "10"]],
});

function assertRule(rule: Rule, side: "local" | "remote", run: () => unknown): void {
  const error = assertThrows(run, ProtocolError);
  assertEquals([error.side, error.rule], [side, rule]);
}

/** All outcomes that are there, by type. */
function types(codec: ClientCodec): string[] {
  const seen: string[] = [];
  do seen.push(codec.next().type); while (seen.at(-1) !== "need_data");
  return seen;
}

Deno.test("a codec carries one exchange after the other", () => {
  const codec = new ClientCodec();
  for (const body of ["one", "three"]) {
    codec.written(codec.sendHead(GET).length);
    assertEquals(codec.isReusable, false);
    codec.receive(bytesOf(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    assertEquals(types(codec), ["head", "data", "end", "need_data"]);
    assertEquals(codec.isReusable, true);
  }
});

Deno.test("a codec is not reusable before the whole request was written", () => {
  const codec = new ClientCodec();
  const head = codec.sendHead(POST);
  codec.written(head.length - 1);
  codec.receive(bytesOf("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"));
  assertEquals(types(codec), ["head", "end", "need_data"]);
  assertEquals(codec.isReusable, false);
  codec.written(1);
  assertEquals(codec.isReusable, false);
  codec.written(10);
  assertEquals(codec.isReusable, true);
});

Deno.test("a codec is not reusable after a request that asked to close", () => {
  const codec = new ClientCodec();
  const fields = [["Host", "x"], ["Connection", "close"]] as const;
  codec.written(codec.sendHead(encodeRequestHead({ method: "GET", target: "/", fields })).length);
  codec.receive(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  assertEquals(types(codec), ["head", "end", "need_data"]);
  assertEquals(codec.isReusable, false);
});

Deno.test("a codec refuses a second request while the first is not done: BAD_STATE", () => {
  assertRule("BAD_STATE", "local", () => askedCodec().sendHead(GET));
});

Deno.test("a codec refuses more bytes than were announced: BAD_STATE", () => {
  const codec = new ClientCodec();
  const head = codec.sendHead(POST);
  assertRule("BAD_STATE", "local", () => codec.written(head.length + 11));
});

Deno.test("a codec takes no byte before a request: UNSOLICITED", () => {
  const codec = new ClientCodec();
  codec.receive(bytesOf("H"));
  assertEquals(codec.isReusable, false);
  assertRule("UNSOLICITED", "remote", () => codec.next());
});

Deno.test("a codec takes no byte between two requests: UNSOLICITED", () => {
  const codec = askedCodec();
  codec.receive(bytesOf("HTTP/1.1 204 No Content\r\n\r\n"));
  assertEquals(types(codec), ["head", "end", "need_data"]);
  codec.receive(bytesOf("\r\n"));
  assertRule("UNSOLICITED", "remote", () => codec.next());
});

Deno.test("a codec whose peer broke a rule says nothing more", () => {
  const codec = askedCodec();
  codec.receive(bytesOf("garbage"));
  assertRule("BAD_VERSION", "remote", () => codec.next());
  assertThrows(() => codec.next(), TypeError);
  assertEquals(codec.isReusable, false);
});

Deno.test("a fault shows the line up to the byte that made it, escaped", () => {
  const codec = askedCodec();
  codec.receive(bytesOf('HTTP/1.1 200 OK\r\nX: "a\x00b\r\n\r\n'));
  const error = assertThrows(() => codec.next(), ProtocolError);
  assertEquals(
    error.message,
    "What came is not the HTTP/1.1 we take: a field value holds a control character " +
      '(BAD_HEADER_VALUE), at "X: \\"a\\x00".',
  );
});

const HINTS: readonly (readonly [string, number | undefined])[] = [
  ["Keep-Alive: timeout=5", 5_000],
  ["keep-alive: max=100, Timeout=75", 75_000],
  ["Keep-Alive: max=100", undefined],
  ["Keep-Alive: timeout=", undefined],
  ["Keep-Alive: timeout=5s", undefined],
  ["Keep-Alive: timeout=-1", undefined],
  ["X: timeout=5", undefined],
];

for (const [line, hintMs] of HINTS) {
  Deno.test(`a codec reads the idle hint of \`${line}\``, () => {
    const codec = askedCodec();
    codec.receive(bytesOf(`HTTP/1.1 200 OK\r\n${line}\r\nContent-Length: 0\r\n\r\n`));
    assertEquals(types(codec), ["head", "end", "need_data"]);
    assertEquals(codec.idleHintMs, hintMs);
  });
}

Deno.test("the idle hint of one answer does not outlive the next", () => {
  const codec = askedCodec();
  codec.receive(bytesOf("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n"));
  assertEquals(types(codec), ["head", "end", "need_data"]);
  codec.written(codec.sendHead(GET).length);
  codec.receive(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  assertEquals(types(codec), ["head", "end", "need_data"]);
  assertEquals(codec.idleHintMs, undefined);
});

Deno.test("bytes of a body are handed on as views, not copied", () => {
  const codec = askedCodec();
  codec.receive(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"));
  assertEquals(types(codec), ["head", "need_data"]);
  const piece = bytesOf("data");
  codec.receive(piece);
  const outcome = codec.next();
  assertEquals(outcome.type === "data" && outcome.bytes.buffer === piece.buffer, true);
});
