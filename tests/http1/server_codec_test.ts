import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../src/core/mod.ts";
import { RequestFault, type Rule, ServerCodec } from "../../src/http1/mod.ts";
import { bytesOf, latin1 } from "./support/play.ts";
import { answer } from "./support/serve.ts";

const HOST = "Host: x\r\n";
const GET = `GET / HTTP/1.1\r\n${HOST}\r\n`;
const POST = `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\n`;
const EXPECTING = `POST / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`;
const UPGRADING = `GET / HTTP/1.1\r\n${HOST}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`;

function fed(text: string): ServerCodec {
  const codec = new ServerCodec();
  codec.receive(bytesOf(text));
  return codec;
}

/** All outcomes that are there, by type. */
function types(codec: ServerCodec): string[] {
  const seen: string[] = [];
  do seen.push(codec.next().type); while (!["need_data", "paused"].includes(seen.at(-1) ?? ""));
  return seen;
}

function assertLocal(rule: Rule, run: () => unknown): void {
  const error = assertThrows(run, ProtocolError);
  assertEquals([error.side, error.rule], ["local", rule]);
}

const length = (bytes: number) => ({ kind: "length", bytes }) as const;

Deno.test("a server codec reads no pipelined request before the one before it is answered", () => {
  const codec = fed(GET + POST + "hello" + GET);
  assertEquals(types(codec), ["head", "end", "paused"]);
  assertEquals(types(codec), ["paused"]);
  assertEquals([codec.isReusable, codec.isIdle], [false, false]);
  answer(codec);
  assertEquals([codec.isReusable, codec.isIdle], [true, false]);
  assertEquals(types(codec), ["head", "data", "end", "paused"]);
  answer(codec);
  assertEquals(types(codec), ["head", "end", "paused"]);
  answer(codec);
  assertEquals(types(codec), ["need_data"]);
  assertEquals([codec.isReusable, codec.isIdle], [true, true]);
});

Deno.test("a server codec keeps what is behind a request when its lender takes the buffer back", () => {
  const codec = new ServerCodec();
  const buffer = bytesOf(GET + "GET /second HTTP/1.1\r\nHost: y\r\n\r\n");
  codec.receive(buffer);
  assertEquals(types(codec), ["head", "end", "paused"]);
  buffer.fill(0);
  assertEquals(codec.bufferedBytes, buffer.length - GET.length);
  answer(codec);
  const outcome = codec.next();
  assertEquals(outcome.type === "head" && outcome.request.target, "/second");
});

Deno.test("the head of a request outlives the bytes it came in and the requests after it", () => {
  const codec = new ServerCodec();
  const buffer = bytesOf(UPGRADING);
  codec.receive(buffer);
  const first = codec.next();
  assertEquals(types(codec), ["end", "paused"]);
  buffer.fill(0);
  answer(codec);
  codec.receive(bytesOf(POST));
  assertEquals(types(codec), ["head", "need_data"]);
  if (first.type !== "head" || first.upgrade === undefined) throw new Error("no head came");
  const { request } = first;
  assertEquals(
    [request.method, request.target, request.host, latin1(first.upgrade)],
    ["GET", "/", "x", "websocket"],
  );
});

Deno.test("a target's beginning is compared byte for byte", () => {
  const outcome = fed(`GET /upstream/x HTTP/1.1\r\n${HOST}\r\n`).next();
  if (outcome.type !== "head") throw new Error("no head came");
  const starts = ["/", "/upstream/", "/upstream/x", "/upstream/xy", "/Upstream", "upstream"];
  const found = starts.map((start) => outcome.request.targetStartsWith(start));
  assertEquals(found, [true, true, true, false, false, false]);
});

Deno.test("bytes of a request's body are handed on as views, not copied", () => {
  const codec = fed(POST);
  assertEquals(types(codec), ["head", "need_data"]);
  const piece = bytesOf("hell");
  codec.receive(piece);
  const outcome = codec.next();
  assertEquals(outcome.type === "data" && outcome.bytes.buffer === piece.buffer, true);
});

Deno.test("a server codec is idle until the first byte of a request", () => {
  const codec = new ServerCodec();
  assertEquals([codec.isReusable, codec.isIdle, types(codec)], [true, true, ["need_data"]]);
  codec.receive(bytesOf("G"));
  assertEquals(types(codec), ["need_data"]);
  assertEquals([codec.isReusable, codec.isIdle], [true, false]);
});

Deno.test("an early answer ends the exchange only when the body was read to its end", () => {
  const codec = fed(POST + "he");
  assertEquals(types(codec), ["head", "data", "need_data"]);
  answer(codec);
  assertEquals(codec.isReusable, false);
  codec.receive(bytesOf("llo" + GET));
  assertEquals(types(codec), ["data", "end", "head", "end", "paused"]);
});

Deno.test("sendEnd() passes only for a body that is whole: BAD_STATE", () => {
  const codec = fed(GET);
  types(codec);
  assertLocal("BAD_STATE", () => codec.sendEnd());
  assertLocal("BAD_STATE", () => codec.sendData(1));
  codec.sendHead(codec.planResponse({ status: 200, body: length(5) }));
  codec.sendData(4);
  assertLocal("BAD_STATE", () => codec.sendEnd());
  assertEquals(codec.isReusable, false);
  codec.sendData(1);
  codec.sendEnd();
  assertEquals(codec.isReusable, true);
});

Deno.test("sendData() refuses more than was announced: BAD_STATE", () => {
  const codec = fed(GET);
  types(codec);
  codec.sendHead(codec.planResponse({ status: 200, body: length(5) }));
  assertLocal("BAD_STATE", () => codec.sendData(6));
});

Deno.test("sendData() refuses any byte where there is no body: BAD_STATE", () => {
  const codec = fed(`HEAD / HTTP/1.1\r\n${HOST}\r\n`);
  types(codec);
  codec.sendHead(codec.planResponse({ status: 200, body: length(5) }));
  assertLocal("BAD_STATE", () => codec.sendData(1));
});

Deno.test("sendHead() refuses a second answer: BAD_STATE", () => {
  const codec = fed(GET);
  types(codec);
  const plan = codec.planResponse({ status: 200, body: length(0) });
  codec.sendHead(plan);
  assertLocal("BAD_STATE", () => codec.sendHead(plan));
  codec.sendEnd();
  assertLocal("BAD_STATE", () => codec.sendHead(plan));
});

Deno.test("a body of unknown length is whole when sendEnd() says so", () => {
  const codec = fed(GET);
  types(codec);
  codec.sendHead(codec.planResponse({ status: 200, body: { kind: "until_close" } }));
  codec.sendData(1_000);
  assertEquals(codec.isReusable, false);
  codec.sendEnd();
  assertEquals(codec.isReusable, true);
});

Deno.test("an answer that says close ends the connection; what was pipelined is never read", () => {
  const codec = fed(GET + GET);
  types(codec);
  codec.sendHead(codec.planResponse({ status: 200, body: length(0), close: true }));
  codec.sendEnd();
  assertEquals(codec.isReusable, false);
  assertEquals(types(codec), ["paused"]);
});

Deno.test("informational answers go out before the final one, and only to HTTP/1.1", () => {
  const codec = fed(GET);
  assertLocal("BAD_STATE", () => codec.sendInformational(103));
  types(codec);
  assertEquals(codec.mayInform, true);
  codec.sendInformational(103);
  codec.sendInformational(100);
  for (const status of [101, 99, 200]) {
    assertLocal("BAD_STATE", () => codec.sendInformational(status));
  }
  codec.sendHead(codec.planResponse({ status: 200, body: length(0) }));
  assertEquals(codec.mayInform, false);
  assertLocal("BAD_STATE", () => codec.sendInformational(103));

  const old = fed("GET / HTTP/1.0\r\n\r\n");
  types(old);
  assertEquals(old.mayInform, false);
  assertLocal("BAD_STATE", () => old.sendInformational(100));
});

const WAITS: readonly (readonly [string, (codec: ServerCodec) => void, "close" | undefined])[] = [
  ["nothing told it to go on", () => {}, "close"],
  ["only a 103 came", (codec) => codec.sendInformational(103), "close"],
  ["100 Continue came", (codec) => codec.sendInformational(100), undefined],
  ["it sent its body for all that", (codec) => {
    codec.receive(bytesOf("h"));
    types(codec);
  }, undefined],
];

for (const [says, happens, connection] of WAITS) {
  const what = connection === "close" ? "ends with" : "may outlive";
  Deno.test(`the connection ${what} the answer to a client that waited: ${says}`, () => {
    const codec = fed(EXPECTING);
    assertEquals(types(codec), ["head", "need_data"]);
    happens(codec);
    const plan = codec.planResponse({ status: 413, body: length(0) });
    assertEquals(plan.connection, connection);
  });
}

Deno.test("after a 101 the rest belongs to the other protocol", () => {
  const codec = fed(UPGRADING + "\x81\x05hello");
  types(codec);
  codec.sendHead(codec.planResponse({ status: 101, body: { kind: "none" } }));
  assertEquals(types(codec), ["paused"]);
  assertEquals(latin1(codec.takeRest()), "\x81\x05hello");
  assertEquals([codec.takeRest().length, codec.isReusable], [0, false]);
  assertLocal("BAD_STATE", () => codec.sendEnd());
});

Deno.test("a client that asked for another protocol may be answered without it, and go on", () => {
  const codec = fed(UPGRADING + GET);
  types(codec);
  answer(codec);
  assertLocal("BAD_STATE", () => codec.takeRest());
  assertEquals(types(codec), ["head", "end", "paused"]);
});

Deno.test("a 101 that nobody asked for is not sent: BAD_UPGRADE", () => {
  const codec = fed(GET);
  types(codec);
  assertLocal("BAD_UPGRADE", () => codec.planResponse({ status: 101, body: { kind: "none" } }));
});

Deno.test("a 101 is not sent before the request is whole: BAD_STATE", () => {
  const codec = fed(UPGRADING.replace("\r\n\r\n", "\r\nContent-Length: 1\r\n\r\n"));
  types(codec);
  const plan = codec.planResponse({ status: 101, body: { kind: "none" } });
  assertLocal("BAD_STATE", () => codec.sendHead(plan));
});

Deno.test("a fault in a head is answered once, and the connection is over", () => {
  const codec = fed("GET / HTTP/3.0\r\n\r\n" + GET);
  const fault = assertThrows(() => codec.next(), RequestFault);
  assertEquals([fault.status, fault.code, fault.side], [505, "bad_request", "remote"]);
  assertThrows(() => codec.next(), TypeError);
  const plan = codec.planResponse({ status: fault.status, body: length(3) });
  assertEquals([plan.framing, plan.connection], [length(3), "close"]);
  codec.sendHead(plan);
  codec.sendData(3);
  codec.sendEnd();
  assertEquals(codec.isReusable, false);
});

Deno.test("a fault in a body leaves the answer to the caller, begun or not", () => {
  for (const isBegun of [false, true]) {
    const codec = fed(`POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nx`);
    assertEquals(codec.next().type, "head");
    if (isBegun) codec.sendHead(codec.planResponse({ status: 200, body: length(2) }));
    const fault = assertThrows(() => codec.next(), RequestFault);
    assertEquals([fault.rule, fault.status], ["BAD_CHUNK_SIZE", 400]);
    if (!isBegun) {
      const plan = codec.planResponse({ status: 400, body: length(2) });
      assertEquals(plan.connection, "close");
      codec.sendHead(plan);
    }
    codec.sendData(2);
    codec.sendEnd();
    assertEquals(codec.isReusable, false);
  }
});

Deno.test("a fault in a pipelined request comes after the answer to the one before it", () => {
  const codec = fed(GET + "GARBAGE\r\n\r\n");
  assertEquals(types(codec), ["head", "end", "paused"]);
  answer(codec);
  assertEquals(assertThrows(() => codec.next(), RequestFault).rule, "BAD_REQUEST_LINE");
});

Deno.test("a head that is too large has its own code", () => {
  const codec = fed(`GET /${"x".repeat(70_000)}`);
  const fault = assertThrows(() => codec.next(), RequestFault);
  assertEquals([fault.status, fault.code], [431, "head_too_large"]);
});

Deno.test("a fault tells a client what to correct, and shows where", () => {
  const codec = fed("GET / HTTP/1.1\r\nA B: 1\r\n\r\n");
  const fault = assertThrows(() => codec.next(), RequestFault);
  assertEquals(fault.message.endsWith('(BAD_HEADER_NAME), at "A ".'), true);
  assertEquals(fault.remedy.startsWith("Correct the client"), true);
});

Deno.test("a client that leaves while it is answered is told by nobody but the reader", () => {
  const codec = fed(GET + GET);
  types(codec);
  codec.receiveEof();
  assertEquals(types(codec), ["paused"]);
  answer(codec);
  assertEquals([codec.isReusable, types(codec)], [false, ["paused"]]);
});

Deno.test("an answer without a request, as to a connection too many, closes", () => {
  const codec = new ServerCodec();
  const plan = codec.planResponse({ status: 503, body: length(0) });
  assertEquals(plan.connection, "close");
  codec.sendHead(plan);
  codec.sendEnd();
  codec.receive(bytesOf(GET));
  assertEquals([types(codec), codec.isReusable], [["paused"], false]);
});
