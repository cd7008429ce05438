import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MultipartModelScan } from "../../src/gateway/multipart_model_scan.ts";
import { scanAll, scanCut, utf8 } from "./support/model_scans.ts";

const TYPE = "multipart/form-data; boundary=b0";

/** The model that the scan finds in `text`, or why it finds none. */
function scan(text: string, contentType = TYPE): readonly [string, string] {
  const body = utf8(text);
  const outcome = scanCut(() => new MultipartModelScan(contentType), body);
  if (outcome.kind !== "found") return [outcome.kind, outcome.why];
  const { start, end, form } = outcome;
  return [form, new TextDecoder().decode(body.subarray(start, end))];
}

function part(name: string, content: string, more = ""): string {
  return `--b0\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}\r\n`;
}

const END = "--b0--\r\n";

Deno.test("the part called model is found wherever it stands", () => {
  const file = part("file", "RIFF\r\n--b\r\n\r\n--b1\r\n-\r", '; filename="a.wav"');
  const cases: readonly (readonly [body: string, model: string])[] = [
    [part("model", "whisper") + END, "whisper"],
    [file + part("model", "whisper") + END, "whisper"],
    [part("model", "whisper") + file + END, "whisper"],
    [part("model", "first") + part("model", "second") + END, "first"],
    [part("model", "") + END, ""],
    ["before\r\n" + part("model", "a") + END, "a"],
    [part("model", "a") + "--b0 \t\r\n\r\nno head\r\n" + END, "a"],
    ["--b0\r\n\r\nno head\r\n" + part("model", "a") + END, "a"],
    [part("x", "--b0 is no delimiter in a line\r\n--b0x neither") + part("model", "a") + END, "a"],
    [part("x", "\r\r\n--b0-no\r\n--b0\rno") + part("model", "a") + END, "a"],
    ["--b0\r\nX: 1\r\ncontent-DISPOSITION:form-data;NAME=model\r\n\r\na\r\n" + END, "a"],
    [
      '--b0\r\nContent-Disposition: form-data; filename="; name=model"; name="x"\r\n\r\nno\r\n' +
      part("model", "a") + END,
      "a",
    ],
    ["--b0\r\nX: form-data; name=model\r\n\r\nno\r\n" + part("model", "a") + END, "a"],
  ];
  for (const [body, model] of cases) assertEquals(scan(body), ["plain", model], body);
});

Deno.test("a boundary may be quoted, and hold what is no letter", () => {
  const body = part("model", "a").replaceAll("b0", "a b'()+_,-./:=?") + "--a b'()+_,-./:=?--";
  const type = `Multipart/Form-Data; charset=utf-8; Boundary="a b'()+_,-./:=?"`;
  assertEquals(scan(body, type), ["plain", "a"]);
});

Deno.test("a form that names no model says why", () => {
  const cases: readonly (readonly [body: string, why: string])[] = [
    ["", "The body is empty."],
    [part("x", "a") + END, 'The body has no part called "model".'],
    [part("models", "a") + END + part("model", "behind"), 'The body has no part called "model".'],
    [part("model", "a"), "The body's parts are not whole."],
    [part("model", "a") + "--b0", "The body's parts are not whole."],
    ["--b0\r\nContent-Disp", "The body's parts are not whole."],
    ['{"model":"a"}', "The body's parts are not whole."],
    [`--b0\r\nX: ${"x".repeat(10_000)}`, "The body has a part with too large a head."],
  ];
  for (const [body, why] of cases) assertEquals(scan(body), ["none", why], body.slice(0, 99));
  const missing = "The body's Content-Type names no boundary of its parts.";
  for (const type of ["", "; boundary=", `; boundary="a "`, `; boundary=${"x".repeat(71)}`]) {
    assertEquals(scan("--\r\n", `multipart/form-data${type}`), ["none", missing], type);
  }
});

Deno.test("what is found is what the platform's own reader of forms finds, however it is cut", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\r", "\n", "-", "b", "0", "é") });
  const name = fc.constantFrom("model", "file", "mod", "model ");
  const file = fc.boolean();
  const parts = fc.array(fc.record({ name, text, file }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(parts, async (parts) => {
      const form = new FormData();
      for (const { name, text, file } of parts) {
        if (file) form.append(name, new Blob([text]), "a.wav");
        else form.append(name, text);
      }
      const request = new Request("http://x", { method: "POST", body: form });
      const type = request.headers.get("content-type") ?? "";
      const body = await request.bytes();
      const read = await new Response(body, { headers: { "content-type": type } }).formData();
      const model = read.getAll("model")[0] ?? null;
      const wanted = model instanceof File ? await model.text() : model;
      const outcome = scanCut(() => new MultipartModelScan(type), body);
      const found = outcome.kind === "found"
        ? new TextDecoder().decode(body.subarray(outcome.start, outcome.end))
        : null;
      assertEquals(found, wanted);
    }),
    { numRuns: 60 },
  );
});

Deno.test("any bytes have one outcome, however they are cut", () => {
  const unit = fc.constantFrom("--b0", "\r\n", "-", "b", part("model", "a"), "model", "\r", "x");
  fc.assert(fc.property(fc.array(unit, { maxLength: 12 }), (units) => {
    scanCut(() => new MultipartModelScan(TYPE), utf8(units.join("")));
  }));
});

Deno.test("a model behind a file of 20 MB is found in the time of a glance", () => {
  const file = new Uint8Array(20_000_000);
  for (let at = 0; at < file.length; at++) file[at] = (at * 2_654_435_761) >>> 24;
  const pieces = [
    utf8(part("file", "").slice(0, -2)),
    file,
    utf8("\r\n" + part("model", "a") + END),
  ];
  const began = performance.now();
  assertEquals(scanAll(new MultipartModelScan(TYPE), pieces).kind, "found");
  assert(performance.now() - began < 2_000);
});
