import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../src/core/mod.ts";
import type { AnnouncedLength } from "../../src/http1/message_facts.ts";
import type { RequestFacts } from "../../src/http1/request_facts.ts";
import { requestFraming, wantsPersistence } from "../../src/http1/request_framing.ts";

const NONE: AnnouncedLength = { kind: "none" };
const FIVE: AnnouncedLength = { kind: "length", bytes: 5 };
const CHUNKED: AnnouncedLength = { kind: "chunked" };

function facts(part: Partial<RequestFacts>): RequestFacts {
  return {
    announced: NONE,
    saysClose: false,
    saysKeepAlive: false,
    saysUpgrade: false,
    expects: "nothing",
    hosts: 1,
    upgrades: 0,
    ...part,
  };
}

/** RFC 9112 section 6.3: its number, minor version, what the head announces = how the body ends. */
const ROWS: readonly (readonly [string, number, AnnouncedLength])[] = [
  ["(4)", 1, CHUNKED],
  ["(6)", 1, FIVE],
  ["(6)", 0, FIVE],
  ["(6)", 1, { kind: "length", bytes: 0 }],
  ["(7)", 1, NONE],
  ["(7)", 0, NONE],
];

for (const [number, minorVersion, announced] of ROWS) {
  Deno.test(`requestFraming() ${number}: HTTP/1.${minorVersion} announcing ${announced.kind}`, () => {
    assertEquals(requestFraming({ minorVersion, facts: facts({ announced }) }), announced);
  });
}

Deno.test("requestFraming() (4): HTTP/1.0 announcing chunked is refused", () => {
  const framed = { minorVersion: 0, facts: facts({ announced: CHUNKED }) };
  const error = assertThrows(() => requestFraming(framed), ProtocolError);
  assertEquals(error.rule, "TE_ON_HTTP_1_0");
});

/** Minor version, close, keep-alive, whether the connection is to persist. */
const PERSISTENCE: readonly (readonly [number, boolean, boolean, boolean])[] = [
  [1, false, false, true],
  [1, false, true, true],
  [1, true, false, false],
  [1, true, true, false],
  [0, false, false, false],
  [0, false, true, true],
  [0, true, true, false],
];

for (const [minorVersion, saysClose, saysKeepAlive, expected] of PERSISTENCE) {
  const says = `close: ${saysClose}, keep-alive: ${saysKeepAlive}`;
  Deno.test(`wantsPersistence() HTTP/1.${minorVersion}, ${says} → ${expected}`, () => {
    const framed = { minorVersion, facts: facts({ saysClose, saysKeepAlive }) };
    assertEquals(wantsPersistence(framed), expected);
  });
}
