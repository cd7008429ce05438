/** What holds for any input: seeded, so that a failure comes again. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DEFAULT_LIMITS, encodeRequestHead } from "../../src/http1/mod.ts";
import { HeadParser } from "../../src/http1/head_parser.ts";
import { Intake } from "../../src/http1/intake.ts";
import { askedCodec, bytesOf, bytewise, latin1, play } from "./support/play.ts";

const SEED = 20_260_101;
const runs = (numRuns: number) => ({ seed: SEED, numRuns });

const TOKEN_CHARS = "!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz";
const token = fc.string({
  unit: fc.constantFrom(...TOKEN_CHARS),
  minLength: 1,
  maxLength: 12,
});
const TEXT_CHARS = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
  .filter((char) => /[\t\x20-\x7e\x80-\xff]/.test(char));
const value = fc.string({ unit: fc.constantFrom(...TEXT_CHARS), maxLength: 20 })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""));

/** Names that mean something to the framing would change what the test expects. */
const KNOWN = [
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "host",
  "te",
  "expect",
];
const field = fc.tuple(token.filter((name) => !KNOWN.includes(name.toLowerCase())), value);
const fieldLines = fc.array(field, { maxLength: 6 });
const pieceTexts = fc.array(
  fc.string({
    unit: fc.constantFrom(...TEXT_CHARS, "\r", "\n", "\0"),
    minLength: 1,
    maxLength: 30,
  }),
  { maxLength: 5 },
);

type Lines = readonly (readonly [string, string])[];
const writeFields = (fields: Lines) =>
  fields.map(([name, text]) => `${name}: ${text}\r\n`).join("");

/** A valid answer, written by the test, with what has to come out. */
const validAnswer = fc.record({
  status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
  reason: fc.constantFrom("", " ", " OK", " Not \xe4 problem"),
  hints: fc.integer({ min: 0, max: 5 }),
  fields: fieldLines,
  pieces: pieceTexts,
  trailers: fieldLines,
  extension: fc.constantFrom("", ";a", ';a="b;\\"c"', ";a=b;c"),
  framing: fc.constantFrom("length", "chunked", "until_close"),
}).map((answer) => {
  const { status, reason, hints, fields, pieces, trailers, extension, framing } = answer;
  const body = pieces.join("");
  const chunk = (text: string) => `${text.length.toString(16)}${extension}\r\n${text}\r\n`;
  const framed = {
    length: { line: `Content-Length: ${body.length}\r\n`, body },
    chunked: {
      line: "Transfer-Encoding: chunked\r\n",
      body: `${pieces.map(chunk).join("")}0${extension}\r\n${writeFields(trailers)}\r\n`,
    },
    until_close: { line: "", body },
  }[framing];
  const input = "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n".repeat(hints) +
    `HTTP/1.1 ${status}${reason}\r\n${writeFields(fields)}${framed.line}\r\n${framed.body}`;
  return { input: bytesOf(input), eof: framing === "until_close", body, answer };
});

/** Inputs that are nearly right: a valid answer with some bytes changed, dropped or put in. */
const brokenAnswer = fc.tuple(
  validAnswer,
  fc.array(
    fc.record({
      at: fc.nat({ max: 400 }),
      drop: fc.nat({ max: 2 }),
      put: fc.constantFrom(
        "",
        "\r",
        "\n",
        "\0",
        " ",
        "\t",
        ":",
        ";",
        ",",
        "\x80",
        "0",
        "-",
        "_",
        "x",
        "\r\n",
      ),
    }),
    { minLength: 1, maxLength: 3 },
  ),
).map(([{ input, eof }, edits]) => {
  let text = latin1(input);
  for (const { at, drop, put } of edits) {
    const place = at % (text.length + 1);
    text = text.slice(0, place) + put + text.slice(place + drop);
  }
  return { input: bytesOf(text), eof };
});

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => bytesOf(`HTTP/1.1 200 OK\r\n${latin1(bytes)}`)),
  fc.uint8Array({ maxLength: 100 }).map((bytes) =>
    bytesOf(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${latin1(bytes)}`)
  ),
).map((input) => ({ input, eof: true }));

/** Cuts `bytes` at `places`, taken modulo its length. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(at[index - 1] ?? 0, end))
    .filter((piece) => piece.length > 0);
}
const cuts = fc.array(fc.nat({ max: 1_000 }), { maxLength: 8 });

for (
  const [name, inputs] of [
    ["valid answers", validAnswer],
    ["broken answers", brokenAnswer],
    ["any bytes", anyBytes],
  ] as const
) {
  Deno.test(`for ${name}, one shot, byte by byte and random pieces give the same, and no error but ours`, () => {
    fc.assert(
      fc.property(
        inputs,
        cuts,
        fc.constantFrom("GET", "HEAD"),
        ({ input, eof }, places, method) => {
          // `play` lets every error through that is not a ProtocolError.
          const whole = play([input], { eof, method });
          assertEquals(play(bytewise(input), { eof, method }), whole);
          assertEquals(play(cut(input, places), { eof, method }), whole);
        },
      ),
      runs(2_000),
    );
  });
}

Deno.test("an answer that was built comes out as it went in", () => {
  fc.assert(
    fc.property(validAnswer, ({ input, eof, body, answer }) => {
      const lower = (fields: Lines) =>
        fields.map(([name, text]) => [name.toLowerCase(), text] as const);
      const out = play([input], { eof });
      assertEquals(out.fault, undefined);
      assertEquals([out.status, out.body], [answer.status, body]);
      assertEquals(out.fields?.slice(0, answer.fields.length), lower(answer.fields));
      assertEquals(out.informational.length, answer.hints);
      assertEquals(out.trailers, answer.framing === "chunked" ? lower(answer.trailers) : []);
      assertEquals(out.isReusable, answer.framing !== "until_close");
    }),
    runs(1_000),
  );
});

Deno.test("the fields of a request that was built are read back as they went in", () => {
  const method = token.filter((name) => name !== "CONNECT");
  fc.assert(
    fc.property(method, fieldLines, fc.nat({ max: 1e9 }), (method, fields, length) => {
      const all = [["Host", "x"], ...fields, ["Content-Length", String(length)]] as const;
      const head = { method, target: "/a?b=c", fields: all as Lines };
      const { bytes, bodyBytes } = encodeRequestHead(head);
      assertEquals(bodyBytes, length);
      const startLine = `${method} /a?b=c HTTP/1.1\r\n`;
      assertEquals(latin1(bytes.subarray(0, startLine.length)), startLine);
      const intake = new Intake();
      intake.receive(bytes.subarray(startLine.length));
      const read = new HeadParser({ limits: DEFAULT_LIMITS }).parse(intake);
      assertEquals(read?.pairs(), all.map(([name, text]) => [name.toLowerCase(), text] as const));
      assertEquals(intake.size, 0);
    }),
    runs(1_000),
  );
});

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
