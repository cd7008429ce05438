/** Bytes in, frames out: what holds for any of them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../src/core/mod.ts";
import { FrameDecoder } from "../../src/frames/frame_decoder.ts";
import {
  encodeCall,
  encodeCancel,
  type Frame,
  MAX_FRAME_LENGTH,
  MAX_NOTE_BYTES,
  MAX_PAYLOAD_BYTES,
} from "../../src/frames/wire.ts";
import { concat, frame, json, rawFrame, utf8 } from "./support/frames.ts";

const SEED = { seed: 20_261_123 };

const anyId = fc.integer({ min: 1, max: 0xffff_ffff });
const anyBody = fc.uint8Array({ maxLength: 200 });
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("call" as const, "result" as const),
    format: fc.constantFrom("json" as const, "bytes" as const),
    id: anyId,
    body: anyBody,
  }),
  fc.record({
    kind: fc.constant("error" as const),
    format: fc.constant("json" as const),
    id: anyId,
    body: anyBody,
  }),
  anyId.map((id): Frame => ({ kind: "cancel", format: "none", id, body: new Uint8Array() })),
  anyBody.map((body): Frame => ({ kind: "hello", format: "json", id: 0, body })),
);

/** All frames in `pieces`; throws as the decoder does. */
function decode(pieces: readonly Uint8Array[], decoder = new FrameDecoder()): Frame[] {
  const frames: Frame[] = [];
  for (const piece of pieces) {
    decoder.receive(piece);
    for (let next = decoder.next(); next !== null; next = decoder.next()) {
      frames.push({ ...next, body: next.body.slice() });
    }
  }
  return frames;
}

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length];
  const sorted = at.toSorted((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

Deno.test("frames come out as they went in, wherever the bytes are split", () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 20 }), (
      frames,
      cuts,
    ) => {
      const bytes = concat(...frames.map((one) => frame(one.kind, one)));
      assertEquals(decode(split(bytes, cuts)), frames);
    }),
    SEED,
  );
});

Deno.test("frames come out when every byte comes alone", () => {
  const frames = [
    frame("result", { id: 7, body: "[1]" }),
    frame("cancel", { id: 7, format: "none" }),
  ];
  const pieces = Array.from(concat(...frames), (byte) => Uint8Array.of(byte));
  assertEquals(decode(pieces).map(({ kind }) => kind), ["result", "cancel"]);
});

Deno.test("what we encode is what is decoded", () => {
  const call = { name: "cosine", argument: json({ a: [1], b: [2] }) };
  const [one, two] = decode([encodeCall(0xffff_fffe, call), encodeCancel(0xffff_fffe)]);
  assertEquals([one?.kind, one?.format, one?.id], ["call", "json", 0xffff_fffe]);
  assertEquals(one?.body[0], 6);
  assertEquals(one?.body.slice(1), utf8('cosine{"a":[1],"b":[2]}'));
  assertEquals([two?.kind, two?.id], ["cancel", 0xffff_fffe]);
});

Deno.test("of any bytes at all nothing but our error comes, and memory stays bounded", () => {
  const anyGarbage = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    // The beginning of a frame that may be right, and what may be wrong with it.
    fc.record({
      kind: fc.integer({ min: 0, max: 7 }),
      format: fc.integer({ min: 0, max: 4 }),
      id: fc.nat({ max: 3 }),
      body: anyBody,
      length: fc.integer({ min: 0, max: 0xffff_ffff }),
    }).map(rawFrame),
  );
  fc.assert(
    fc.property(fc.array(anyGarbage, { maxLength: 20 }), (pieces) => {
      const decoder = new FrameDecoder();
      try {
        decode(pieces, decoder);
      } catch (error) {
        assert(error instanceof ProtocolError, String(error));
        assertEquals([error.code, error.side], ["upstream_failed", "remote"]);
      }
      assert(decoder.heldBytes <= 32 * 1024, `${decoder.heldBytes}`);
    }),
    { ...SEED, numRuns: 500 },
  );
});

Deno.test("a frame of the largest size costs its size, and gives it back", () => {
  const decoder = new FrameDecoder();
  const whole = rawFrame({ kind: 3, format: 2, id: 1, body: new Uint8Array(MAX_PAYLOAD_BYTES) });
  for (let at = 0; at < whole.length; at += 65_536) {
    decoder.receive(whole.subarray(at, at + 65_536));
    assert(decoder.heldBytes <= MAX_FRAME_LENGTH + 65_536, `${decoder.heldBytes}`);
    if (at + 65_536 < whole.length) assertEquals(decoder.next(), null);
  }
  assertEquals(decoder.next()?.body.length, MAX_PAYLOAD_BYTES);
  assertEquals(decoder.next(), null);
  decoder.receive(Uint8Array.of(0));
  assert(decoder.heldBytes <= 65_536, `${decoder.heldBytes}`);
});

Deno.test("a length takes no memory before its bytes come", () => {
  const decoder = new FrameDecoder();
  const start = rawFrame({ kind: 3, format: 2, id: 1, body: utf8(""), length: MAX_PAYLOAD_BYTES });
  decoder.receive(start);
  assertEquals(decoder.next(), null);
  assert(decoder.heldBytes < 65_536, `${decoder.heldBytes}`);
});

const NOTHING = new Uint8Array();

/** What is refused as soon as so much of it is there. */
const WRONG: readonly (readonly [what: string, bytes: Uint8Array, rule: string])[] = [
  ["a length without a head", Uint8Array.of(0, 0, 0, 5), "FRAME_LENGTH"],
  ["a length beyond the largest", Uint8Array.of(0, 0x40, 1, 1), "FRAME_LENGTH"],
  ["a text", utf8("HTTP/1.1 200 OK\r\n\r\n"), "FRAME_LENGTH"],
  ["an unknown kind", rawFrame({ kind: 6, format: 1, id: 1, body: NOTHING }), "FRAME_KIND"],
  ["kind 0", rawFrame({ kind: 0, format: 1, id: 1, body: NOTHING }), "FRAME_KIND"],
  ["an unknown format", rawFrame({ kind: 3, format: 3, id: 1, body: NOTHING }), "FRAME_FORMAT"],
  ["an error in raw bytes", rawFrame({ kind: 4, format: 2, id: 1, body: NOTHING }), "FRAME_FORMAT"],
  ["a result for nobody", rawFrame({ kind: 3, format: 1, id: 0, body: NOTHING }), "FRAME_ID"],
  ["a hello with an id", rawFrame({ kind: 1, format: 1, id: 1, body: NOTHING }), "FRAME_ID"],
  [
    "a cancel with a body",
    rawFrame({ kind: 5, format: 0, id: 1, body: utf8("x") }),
    "FRAME_LENGTH",
  ],
  [
    "an error that is too long",
    rawFrame({ kind: 4, format: 1, id: 1, body: NOTHING, length: MAX_NOTE_BYTES + 7 }),
    "FRAME_LENGTH",
  ],
  [
    "a result that is too long",
    rawFrame({ kind: 3, format: 2, id: 1, body: NOTHING, length: MAX_PAYLOAD_BYTES + 7 }),
    "FRAME_LENGTH",
  ],
];

for (const [what, bytes, rule] of WRONG) {
  Deno.test(`refused: ${what}`, () => {
    assertEquals(assertThrows(() => decode([bytes]), ProtocolError).rule, rule);
  });
}

Deno.test("an end between two frames is fine, an end within one is not, at every byte", () => {
  const bytes = frame("result", { id: 3, body: "[1,2]" });
  for (let length = 0; length <= bytes.length; length++) {
    const decoder = new FrameDecoder();
    decode([bytes.subarray(0, length)], decoder);
    if (length === 0 || length === bytes.length) decoder.receiveEof();
    else {
      const { rule } = assertThrows(() => decoder.receiveEof(), ProtocolError);
      assertEquals(rule, "FRAME_CUT");
    }
  }
});

Deno.test("a call with a name that is none, or too large an argument, is never sent", () => {
  const argument = json(1);
  for (const name of ["", "1st", "a/b", "a b", "é", "x".repeat(65)]) {
    assertThrows(() => encodeCall(1, { name, argument }), RangeError);
  }
  const bytes = new Uint8Array(MAX_PAYLOAD_BYTES + 1);
  assertThrows(
    () => encodeCall(1, { name: "f", argument: { format: "bytes", bytes } }),
    RangeError,
  );
});
