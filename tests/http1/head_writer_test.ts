import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../src/core/mod.ts";
import {
  ChunkWriter,
  encodeResponseHead,
  FieldList,
  HeadWriter,
  NameSet,
  type ResponsePlan,
  type Rule,
  WireBuffer,
} from "../../src/http1/mod.ts";
import { HeadParser } from "../../src/http1/head_parser.ts";
import { Intake } from "../../src/http1/intake.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { bytesOf, latin1 } from "./support/play.ts";

function fieldsOf(text: string): FieldList {
  const intake = new Intake();
  intake.receive(bytesOf(`${text}\r\n`));
  const fields = new HeadParser({ limits: DEFAULT_LIMITS }).parse(intake);
  if (fields === undefined) throw new Error("not a whole head");
  return fields;
}

function written(write: (writer: HeadWriter) => void): string {
  const out = new WireBuffer();
  write(new HeadWriter(out));
  return latin1(out.bytes);
}

function assertLocal(rule: Rule, run: () => unknown): void {
  const error = assertThrows(run, ProtocolError);
  assertEquals([error.side, error.rule], ["local", rule]);
}

const THREE = "A: 1\r\nB:\t2 \r\nC:3\r\n";

/** Which of the three fields stay behind, and what is written. */
const COPIES: readonly (readonly [readonly number[], string])[] = [
  [[], "A: 1\r\nB:\t2 \r\nC:3\r\n"],
  [[0], "B:\t2 \r\nC:3\r\n"],
  [[1], "A: 1\r\nC:3\r\n"],
  [[2], "A: 1\r\nB:\t2\r\n"],
  [[0, 1], "C:3\r\n"],
  [[0, 2], "B:\t2\r\n"],
  [[1, 2], "A: 1\r\n"],
  [[0, 1, 2], ""],
];

for (const [skipped, expected] of COPIES) {
  Deno.test(`HeadWriter copies fields without those that are skipped: ${skipped.join()}`, () => {
    const copy = written((head) => head.fields(fieldsOf(THREE), (i) => skipped.includes(i)));
    assertEquals(copy, expected);
  });
}

Deno.test("HeadWriter copies a list without fields, and one without a predicate", () => {
  assertEquals(written((head) => head.fields(fieldsOf(""))), "");
  assertEquals(written((head) => head.fields(fieldsOf(THREE))), THREE);
});

Deno.test("HeadWriter writes a request on, byte for byte", () => {
  const text = written((head) =>
    head.requestLine(bytesOf("POST"), bytesOf("/%2e?x"))
      .fields(fieldsOf(`Host: x\r\nX: \xff${"y".repeat(100)}\r\n`))
      .fieldOfBytes("X-Forwarded-Host", bytesOf("h:1"))
      .prepared(bytesOf("Via: 1.1 me\r\n"))
      .framing({ announces: { kind: "chunked" }, connection: "keep-alive" })
      .end()
  );
  assertEquals(
    text,
    `POST /%2e?x HTTP/1.1\r\nHost: x\r\nX: \xff${"y".repeat(100)}\r\nX-Forwarded-Host: h:1\r\n` +
      "Via: 1.1 me\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n",
  );
});

Deno.test("HeadWriter writes status lines, with a reason where there is a common one", () => {
  assertEquals(written((head) => head.statusLine(404)), "HTTP/1.1 404 Not Found\r\n");
  assertEquals(written((head) => head.statusLine(299)), "HTTP/1.1 299 \r\n");
});

const BAD_FIELDS: readonly (readonly [Rule, string, string])[] = [
  ["BAD_HEADER_NAME", "", "1"],
  ["BAD_HEADER_NAME", "A:", "1"],
  ["BAD_HEADER_NAME", "A\r\nB", "1"],
  ["BAD_HEADER_NAME", "\u{141}", "1"],
  ["BAD_HEADER_VALUE", "A", "1\r\nB: 2"],
  ["BAD_HEADER_VALUE", "A", "1\n"],
  ["BAD_HEADER_VALUE", "A", " 1"],
  ["BAD_HEADER_VALUE", "A", "\0"],
  ["BAD_HEADER_VALUE", "A", "\u{10d}\u{10a}"],
];

const PLAN: ResponsePlan = {
  status: 200,
  framing: { kind: "length", bytes: 2 },
  announces: { kind: "length", bytes: 2 },
  connection: undefined,
};

for (const [rule, name, value] of BAD_FIELDS) {
  Deno.test(`a field that means something else is not written, ${rule}: ${JSON.stringify([name, value])}`, () => {
    assertLocal(rule, () => written((head) => head.field(name, value)));
    const out = new WireBuffer();
    assertLocal(rule, () => encodeResponseHead(out, { plan: PLAN, fields: [[name, value]] }));
  });
}

Deno.test("encodeResponseHead() writes the fields as given, then what the plan says", () => {
  const out = new WireBuffer();
  encodeResponseHead(out, {
    plan: { ...PLAN, connection: "close" },
    fields: [["Set-Cookie", "a=1"], ["set-cookie", "b=\xe9"], ["X-Empty", ""]],
    date: "Sun, 06 Nov 1994 08:49:37 GMT",
  });
  assertEquals(
    latin1(out.bytes),
    "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=\xe9\r\nX-Empty: \r\n" +
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\nConnection: close\r\n\r\n",
  );
});

for (const name of ["Content-Length", "TRANSFER-ENCODING", "connection", "Keep-Alive", "Date"]) {
  Deno.test(`encodeResponseHead() refuses what the plan says, BAD_HEADER_NAME: ${name}`, () => {
    const fields = [[name, "1"]] as const;
    assertLocal(
      "BAD_HEADER_NAME",
      () => encodeResponseHead(new WireBuffer(), { plan: PLAN, fields }),
    );
  });
}

Deno.test("ChunkWriter frames pieces, and never a last chunk by mistake", () => {
  const out = new WireBuffer();
  new ChunkWriter(out).chunk(bytesOf("x".repeat(26))).chunk(new Uint8Array(0)).chunk(bytesOf("y"))
    .last();
  assertEquals(latin1(out.bytes), `1a\r\n${"x".repeat(26)}\r\n1\r\ny\r\n0\r\n\r\n`);
});

Deno.test("ChunkWriter ends with the trailers that are not skipped", () => {
  const out = new WireBuffer();
  new ChunkWriter(out).last(fieldsOf(THREE), (index) => index === 1);
  assertEquals(latin1(out.bytes), "0\r\nA: 1\r\nC:3\r\n\r\n");
});

Deno.test("WireBuffer grows, is cleared for what comes next, and lets go of its buffer", () => {
  const out = new WireBuffer();
  const long = bytesOf("x".repeat(5_000));
  out.addText("ab");
  out.add(long);
  out.add(bytesOf("c"));
  assertEquals([out.size, latin1(out.bytes)], [5_003, `ab${"x".repeat(5_000)}c`]);
  out.clear();
  out.addText("d");
  assertEquals([latin1(out.bytes), out.bytes.buffer.byteLength >= 5_003], ["d", true]);
  out.release();
  assertEquals([out.size, out.bytes.buffer.byteLength], [0, 0]);
});

Deno.test("FieldList finds fields by name in any case, first to last", () => {
  const fields = fieldsOf("A: 1\r\naccept: x\r\nACCEPT: y, z\r\n");
  assertEquals([fields.find("accept"), fields.find("accept", 2), fields.find("accept", 3)], [
    1,
    2,
    -1,
  ]);
  assertEquals([fields.has("a"), fields.has("b")], [true, false]);
  assertEquals(fields.elements("accept").map(latin1), ["x", "y", "z"]);
  assertEquals([latin1(fields.name(2)), fields.nameLength(2), fields.text(2)], [
    "ACCEPT",
    6,
    "y, z",
  ]);
});

Deno.test("NameSet knows its names in any case and no others of their length", () => {
  const names = new NameSet(["te", "host", "from"]);
  const fields = fieldsOf("TE: 1\r\nHOST: 1\r\nfrom: 1\r\nto: 1\r\nHos: 1\r\nFork: 1\r\n");
  const found = Array.from({ length: fields.size }, (_, index) => names.has(fields, index));
  assertEquals(found, [true, true, true, false, false, false]);
});
