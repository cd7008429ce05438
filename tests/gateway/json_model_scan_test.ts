import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { JsonModelScan } from "../../src/gateway/json_model_scan.ts";
import { scanAll, scanCut, utf8 } from "./support/model_scans.ts";

/** The model that the scan finds in `text`, or `none` or `bad`, with the sentence that says why. */
function scan(text: string): readonly [string, string] {
  const body = utf8(text);
  const outcome = scanCut(() => new JsonModelScan(), body);
  if (outcome.kind !== "found") return [outcome.kind, outcome.why];
  const { start, end, form } = outcome;
  return [form, new TextDecoder("utf-8", { ignoreBOM: true }).decode(body.subarray(start, end))];
}

Deno.test("the model is found wherever it stands at the top of the body", () => {
  const cases: readonly (readonly [body: string, model: string])[] = [
    ['{"model":"a"}', '"a"'],
    ['{"stream":true,"n":-1.5e3,"x":null,"model":"a","y":1}', '"a"'],
    [' \t\r\n{ \n"model" \t:\r "a" }', '"a"'],
    ['\ufeff{"model":"a"}', '"a"'],
    ['{"messages":[{"model":"no","content":"}]{[\\"model\\":"}],"model":"a"}', '"a"'],
    ['{"a":{"model":"no"},"model":"a"}', '"a"'],
    ['{"a":[[["model",[]],{}],"model"],"model":"a"}', '"a"'],
    ['{"text":"\\\\","model":"a"}', '"a"'],
    ['{"text":"\\"model\\":\\"no\\"","model":"a"}', '"a"'],
    ['{"text":"\\\\\\"","model":"a"}', '"a"'],
    ['{"":"","model":""}', '""'],
    ['{"mode":"no","models":"no","Model":"no","xmodel":"no","model":"a"}', '"a"'],
    ['{"mod\\u0065l":"a"}', '"a"'],
    ['{"\\u006d\\u006F\\u0064\\u0065\\u006C":"a"}', '"a"'],
    ['{"mod\\u0064l":"no","mode\\l":"no","mode\\n":"no","model":"a"}', '"a"'],
    ['{"model\\u0000":"no","model":"a"}', '"a"'],
    ['{"model":"a\\"b\\\\"}', '"a\\"b\\\\"'],
    ['{"model":"caf\\u00e9 \ud83d\ude00 é"}', '"caf\\u00e9 \ud83d\ude00 é"'],
    ['{"model":"first","model":"second"}', '"first"'],
    ['{"model":"a","messages":[this is not even', '"a"'],
    ['{"model":"a"} and more', '"a"'],
  ];
  for (const [body, model] of cases) assertEquals(scan(body), ["json", model], body);
});

Deno.test("a body that names no model says why", () => {
  const absent = 'The body has no "model".';
  const cases: readonly (readonly [body: string, why: string])[] = [
    ["", "The body is empty."],
    ["{}", absent],
    [" { } ", absent],
    ['{"a":{"model":"x"}}', absent],
    ['{"a":"model"}', absent],
    ['{"model":null}', 'The body\'s "model" is null.'],
    ['["model"]', "The body is no object in JSON."],
    ['"model"', "The body is no object in JSON."],
    ["model=a", "The body is no object in JSON."],
    ["\x1f\x8b", "The body is no object in JSON."],
    ["   ", "The body's JSON is not whole."],
    ["{", "The body's JSON is not whole."],
    ['{"model', "The body's JSON is not whole."],
    ['{"model"', "The body's JSON is not whole."],
    ['{"model":"a', "The body's JSON is not whole."],
    ['{"model":"a\\"', "The body's JSON is not whole."],
    ['{"a":[1,2', "The body's JSON is not whole."],
    ['{"a":1', "The body's JSON is not whole."],
    ["{model:1}", "The body is no JSON: byte 2 can't stand where it does."],
    ['{"a":1,}', "The body is no JSON: byte 8 can't stand where it does."],
    ['{"a" 1}', "The body is no JSON: byte 6 can't stand where it does."],
    ['{"a":}', "The body is no JSON: byte 6 can't stand where it does."],
    ['{"a":1 "model":"a"}', "The body is no JSON: byte 8 can't stand where it does."],
    ['{"a":x,"model":"a"}', "The body is no JSON: byte 6 can't stand where it does."],
    ['{,"model":"a"}', "The body is no JSON: byte 2 can't stand where it does."],
  ];
  for (const [body, why] of cases) assertEquals(scan(body), ["none", why], body);
});

Deno.test("a model that is no string is told apart from none", () => {
  for (const value of ["1", "-1", "true", "false", "[]", '["a"]', '{"model":"a"}']) {
    const found = scan(`{"model":${value}}`);
    assertEquals(found, ["bad", 'The body\'s "model" is not a string.'], value);
  }
});

/** A string of JSON with some of its characters escaped. */
function encode(text: string, isEscaped: readonly boolean[]): string {
  return `"${
    Array.from({ length: text.length }, (_, index) => {
      const char = text.charAt(index);
      if (isEscaped[index % Math.max(isEscaped.length, 1)] !== true) {
        return JSON.stringify(char).slice(1, -1);
      }
      return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
    }).join("")
  }"`;
}

const blank = fc.string({ unit: fc.constantFrom(" ", "\n", "\t", "\r"), maxLength: 2 });
const escapes = fc.array(fc.boolean(), { maxLength: 4 });
const key = fc.oneof(
  fc.constantFrom("model", "mode", "models", "", "\\model", '"model"', "MODEL"),
  fc.string({ unit: "grapheme", maxLength: 6 }),
);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  fc.constantFrom<unknown>("gpt", { model: "no" }, [{ model: "no" }], '{"model":"no"}', "\\", '"'),
);

Deno.test("what is found is what JSON.parse() finds, however the body is written and cut", () => {
  const entry = fc.record({ key, value, escapes, blanks: fc.array(blank, { minLength: 4 }) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), blank, (entries, first) => {
      const members = entries.map(({ key, value, escapes, blanks: [a, b, c, d] }) => {
        const text = typeof value === "string" ? encode(value, escapes) : JSON.stringify(value);
        return `${a}${encode(key, escapes)}${b}:${c}${text}${d}`;
      });
      const text = `${first}{${members.join(",")}}`;
      JSON.parse(text); // it is JSON
      const model = entries.find((one) => one.key === "model")?.value;
      const [kind, found] = scan(text);
      if (typeof model === "string") assertEquals(JSON.parse(found), model, text);
      else assertEquals(kind, model === null || model === undefined ? "none" : "bad", text);
    }),
    { numRuns: 400 },
  );
});

Deno.test("a body with a slip in it has one outcome, however it is cut", () => {
  const document = fc.tuple(fc.jsonValue({ maxDepth: 3 }), fc.string(), fc.nat(), fc.nat(255));
  fc.assert(fc.property(document, ([rest, model, place, byte]) => {
    const body = utf8(JSON.stringify({ rest, model }));
    body[place % body.length] = byte;
    const outcome = scanCut(() => new JsonModelScan(), body);
    if (outcome.kind !== "found") return;
    assertEquals(body[outcome.start], 0x22);
    assertEquals(body[outcome.end - 1], 0x22);
    assert(outcome.end - outcome.start >= 2);
  }));
});

Deno.test("any bytes have one outcome, however they are cut", () => {
  const tokens = fc.constantFrom(
    ...'{ } [ ] : , " \\ n 1 u0065'.split(" "),
    '"model"',
    '"a":',
    " ",
  );
  const text = fc.array(tokens, { maxLength: 20 }).map((all) => utf8(`{${all.join("")}`));
  const bytes = fc.oneof(text, fc.uint8Array());
  fc.assert(
    fc.property(bytes, (body) => void scanCut(() => new JsonModelScan(), body)),
    { numRuns: 500 },
  );
});

Deno.test("a scan is linear: 64 times the body takes not much more than 64 times the time", () => {
  const bodies: readonly ((times: number) => string)[] = [
    (times) => `{"a":"${"\\".repeat(2 * times)}","model":"a"}`,
    (times) => `{"a":"${'\\"'.repeat(times)}","model":"a"}`,
    (times) => `{"a":${"[".repeat(times)}${"]".repeat(times)},"model":"a"}`,
    (times) => `{"${"k".repeat(2 * times)}":1,"model":"a"}`,
    (times) => `{${'"a":1,'.repeat(times / 3)}"model":"a"}`,
    (times) => `{"a":"${"x".repeat(2 * times)}","model":"a"}`,
  ];
  for (const body of bodies) {
    const took = (times: number) => {
      const pieces = cut(utf8(body(times)), 4_096);
      const began = performance.now();
      assertEquals(scanAll(new JsonModelScan(), pieces).kind, "found");
      return performance.now() - began;
    };
    took(2 ** 16);
    const small = Math.max(Math.min(took(2 ** 15), took(2 ** 15)), 0.5);
    const large = took(2 ** 21);
    // Quadratic would be 4,096 times.
    assert(large < 1_000 * small, `${body(2)}: ${small} ms, then ${large} ms`);
  }
});

function cut(body: Uint8Array, bytes: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(body.length / bytes) }, (_, index) => {
    return body.subarray(index * bytes, (index + 1) * bytes);
  });
}
