import { assertEquals } from "@std/assert";
import { isModelFile, modelsOfFile, readSettings, requestGguf } from "../../src/config/mod.ts";

function nameOf(path: string, ...taken: string[]): string | null {
  const options = { setting: "", taken: new Set(taken), pythonDir: null, settings: {} };
  return requestGguf(path, options).name;
}

Deno.test("an engine is called as its file, made fit, and numbered when that is taken", () => {
  assertEquals(nameOf("/m/Llama-3.2-1B-Instruct-Q4_K_M.gguf"), "llama-3.2-1b-instruct-q4_k_m");
  assertEquals(nameOf("/m/ä ö.GGUF"), "engine");
  assertEquals(nameOf("/m/llm.gguf", "llm", "llm-2"), "llm-3");
  const long = `${"x".repeat(70)}.gguf`;
  assertEquals(nameOf(long), "x".repeat(63));
  assertEquals(nameOf(long, "x".repeat(63)), `${"x".repeat(61)}-2`);
});

Deno.test("files of the same name make engines of their own, one file makes one", () => {
  const flags = { model: ["a/llm.gguf", "b/llm.gguf", "/m/a/llm.gguf"] };
  const { engines } = readSettings({ flags, env: {}, cwd: "/m" });
  assertEquals(engines.map(({ name, settings: { model } }) => [name, model]), [
    [null, undefined],
    ["llm", "/m/a/llm.gguf"],
    ["llm-2", "/m/b/llm.gguf"],
  ]);
});

Deno.test("a name that the first engine has or may have is taken", () => {
  const flags = { model: ["python.gguf", "own.gguf"] };
  const read = (more: { engine?: string[] }) =>
    readSettings({ flags: { ...flags, ...more }, env: {}, cwd: "/m" }).engines.map(({ name }) =>
      name
    );
  assertEquals(read({}), [null, "python-2", "own"]);
  assertEquals(read({ engine: ["/e/own.py"] }), [null, "python", "own-2"]);
});

Deno.test("AI_ENGINE_MODEL names several files with commas between", () => {
  const env = { AI_ENGINE_MODEL: "a.gguf, b.gguf" };
  const { engines } = readSettings({ flags: {}, env, cwd: "/m" });
  assertEquals(engines.map(({ name }) => name), [null, "a", "b"]);
});

Deno.test("the model of a file is called as the file; other names for it stand for that", () => {
  const own = { name: "Tiny.Q8_0", aliases: [], upstreamModel: null };
  assertEquals(modelsOfFile("/m/Tiny.Q8_0.gguf", []), [own]);
  const other = { name: "gpt-4", aliases: ["gpt-*"], upstreamModel: null };
  assertEquals(modelsOfFile("/m/Tiny.Q8_0.gguf", [other]), [
    { ...other, upstreamModel: "Tiny.Q8_0" },
  ]);
});

Deno.test("offered is what is a model by itself, and can be named", () => {
  const offered = ["a.gguf", "A b.GGUF", "big-00001-of-00003.gguf", "mm.gguf"];
  const not = [
    "a.bin",
    "a.gguf.part",
    ".a.gguf",
    "mmproj-model-f16.gguf",
    "big-00002-of-00003.gguf",
    "a*.gguf",
    "${PORT}.gguf",
    "a\n.gguf",
  ];
  assertEquals([...offered, ...not].filter(isModelFile), offered);
});
