/** What the client role does for the gateway: chunked requests, and other protocols. */
import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../src/core/mod.ts";
import { ClientCodec, type Rule } from "../../src/http1/mod.ts";
import { bytesOf, bytewise, latin1 } from "./support/play.ts";

const HEAD_BYTES = 100;

function assertRule(rule: Rule, side: "local" | "remote", run: () => unknown): void {
  const error = assertThrows(run, ProtocolError);
  assertEquals([error.side, error.rule], [side, rule]);
}

function chunkedCodec(): ClientCodec {
  const codec = new ClientCodec();
  const body = { kind: "chunked" } as const;
  codec.begin({ method: "POST", headBytes: HEAD_BYTES, body, saysClose: false });
  return codec;
}

/** A codec that asked for the protocols of `upgrade`. */
function askingCodec(upgrade?: string): ClientCodec {
  const codec = new ClientCodec();
  const asked = upgrade === undefined ? {} : { upgrade: bytesOf(upgrade) };
  const body = { kind: "none" } as const;
  codec.begin({ method: "GET", headBytes: HEAD_BYTES, body, saysClose: false, ...asked });
  codec.written(HEAD_BYTES);
  return codec;
}

Deno.test("a chunked request is whole when sendEnd() says so", () => {
  const codec = chunkedCodec();
  codec.written(HEAD_BYTES);
  codec.written(1_000_000);
  codec.receive(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  assertEquals([codec.next().type, codec.next().type], ["head", "end"]);
  assertEquals(codec.isReusable, false);
  codec.written(5);
  codec.sendEnd();
  assertEquals(codec.isReusable, true);
});

Deno.test("sendEnd() is for chunked requests only, once: BAD_STATE", () => {
  const codec = chunkedCodec();
  codec.sendEnd();
  assertRule("BAD_STATE", "local", () => codec.sendEnd());
  assertRule("BAD_STATE", "local", () => codec.written(1));
  const sized = new ClientCodec();
  const body = { kind: "length", bytes: 5 } as const;
  sized.begin({ method: "POST", headBytes: HEAD_BYTES, body, saysClose: false });
  sized.written(HEAD_BYTES);
  assertRule("BAD_STATE", "local", () => sized.sendEnd());
  sized.written(5);
  assertRule("BAD_STATE", "local", () => sized.sendEnd());
});

const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\n";

/** What was asked, the answer's fields. */
const TAKEN: readonly (readonly [string, string])[] = [
  ["websocket", "Connection: Upgrade\r\nUpgrade: WebSocket\r\n"],
  ["a, b/2", "Connection: x, upgrade\r\nUpgrade: B/2\r\n"],
  ["a, b", "Connection: upgrade\r\nUpgrade: b\r\nUpgrade: a\r\n"],
  ["a", "Connection: upgrade\r\nUpgrade: a\r\nContent-Length: 5\r\n"],
];

for (const [asked, lines] of TAKEN) {
  Deno.test(`a 101 is taken when ${asked} was asked for: ${JSON.stringify(lines)}`, () => {
    const input = bytesOf(`${SWITCHING}${lines}\r\nHTTP/1.1 is over`);
    for (const pieces of [[input], bytewise(input)]) {
      const codec = askingCodec(asked);
      const seen: string[] = [];
      for (const piece of pieces) {
        codec.receive(piece);
        for (let it = codec.next(); it.type !== "need_data"; it = codec.next()) seen.push(it.type);
      }
      assertEquals(seen, ["upgraded"]);
      assertEquals(latin1(codec.takeRest()), "HTTP/1.1 is over");
      assertEquals([codec.takeRest().length, codec.isReusable], [0, false]);
      codec.receiveEof();
      assertEquals(codec.next().type, "need_data");
    }
  });
}

const REFUSED: readonly (readonly [string, string | undefined, string])[] = [
  ["nobody asked", undefined, "Connection: upgrade\r\nUpgrade: websocket\r\n"],
  ["it is another protocol", "websocket", "Connection: upgrade\r\nUpgrade: h2c\r\n"],
  ["it is one more protocol", "websocket", "Connection: upgrade\r\nUpgrade: websocket, h2c\r\n"],
  ["it is a part of the name", "websocket", "Connection: upgrade\r\nUpgrade: websock\r\n"],
  ["no protocol is named", "websocket", "Connection: upgrade\r\n"],
  ["an empty protocol is named", "websocket,", "Connection: upgrade\r\nUpgrade:\r\n"],
  ["Connection does not say so", "websocket", "Upgrade: websocket\r\n"],
];

for (const [says, asked, lines] of REFUSED) {
  Deno.test(`a 101 is refused when ${says}: BAD_UPGRADE`, () => {
    const codec = askingCodec(asked);
    codec.receive(bytesOf(`${SWITCHING}${lines}\r\n`));
    assertRule("BAD_UPGRADE", "remote", () => codec.next());
    assertRule("BAD_STATE", "local", () => codec.takeRest());
  });
}

Deno.test("a 101 of HTTP/1.0 is refused: BAD_UPGRADE", () => {
  const codec = askingCodec("a");
  codec.receive(bytesOf("HTTP/1.0 101 X\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n"));
  assertRule("BAD_UPGRADE", "remote", () => codec.next());
});

Deno.test("a 101 before the whole request is out is refused: BAD_UPGRADE", () => {
  const codec = new ClientCodec();
  const body = { kind: "length", bytes: 5 } as const;
  const upgrade = bytesOf("a");
  codec.begin({ method: "POST", headBytes: HEAD_BYTES, body, saysClose: false, upgrade });
  codec.written(HEAD_BYTES);
  codec.receive(bytesOf(`${SWITCHING}Connection: upgrade\r\nUpgrade: a\r\n\r\n`));
  assertRule("BAD_UPGRADE", "remote", () => codec.next());
});

Deno.test("what one request asked for is not granted to the next", () => {
  const codec = askingCodec("a");
  codec.receive(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  assertEquals([codec.next().type, codec.next().type], ["head", "end"]);
  const body = { kind: "none" } as const;
  codec.begin({ method: "GET", headBytes: HEAD_BYTES, body, saysClose: false });
  codec.written(HEAD_BYTES);
  codec.receive(bytesOf(`${SWITCHING}Connection: upgrade\r\nUpgrade: a\r\n\r\n`));
  assertRule("BAD_UPGRADE", "remote", () => codec.next());
});
