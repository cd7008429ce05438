/** The forms for trying an engine out: a page that begins at once, and holds what comes, as text. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { LifecycleError } from "../../src/core/mod.ts";
import { toAnswer } from "../support/fake_supervisor.ts";
import { codeOf, WebWorld } from "./support/web_world.ts";

const PATH = "/engines/echo/try";

function form(fields: Readonly<Record<string, string | File>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

function send(world: WebWorld, fields: Readonly<Record<string, string | File>>, path = PATH) {
  return world.post(path, { body: form(fields) });
}

const HOSTILE = `</pre><script>alert("1")</script>&amp;'`;
const ESCAPED = "&lt;/pre&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;";

Deno.test("an input's page holds what was asked and answered, as text", async () => {
  const response = await send(new WebWorld(), { input: HOSTILE });
  assertEquals([response.status, response.headers.get("content-type")], [
    ...[200, "text/html; charset=utf-8"],
  ]);
  assertStringIncludes(response.headers.get("content-security-policy") ?? "", "default-src 'self'");
  const html = await response.text();
  assertStringIncludes(html, `You said: ${ESCAPED}</pre>`);
  assertEquals(html.includes("<script>alert"), false);
  assertEquals(html.match(/<!doctype html>/g)?.length, 1);
  assertMatch(html, /<\/html>$/);
  assertStringIncludes(html, "Starting");
});

Deno.test("the page begins before the engine has answered, and grows with the answer", async () => {
  const world = new WebWorld();
  const answered = Promise.withResolvers<void>();
  world.supervisor.script.input = async (_engine, _text, { onPhase, onText }) => {
    onPhase?.("queued", 3);
    onText?.("one");
    await answered.promise;
    onText?.(" <two>");
    return toAnswer({ contentType: "text/plain", body: new TextEncoder().encode("one <two>") });
  };
  const response = await send(world, { input: "hello" });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let html = "";
  while (!html.includes(">one")) html += (await reader?.read())?.value ?? "";
  assertStringIncludes(html, "Queued, 3rd in line");
  assertEquals(html.includes("</html>"), false);
  answered.resolve();
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    html += part.value;
  }
  assertStringIncludes(html, ">one &lt;two&gt;</pre>");
  assertMatch(html, /<\/html>$/);
});

Deno.test("what goes wrong stands on the page with its remedy, and the input in its field", async () => {
  const world = new WebWorld();
  const words = { detail: "It <died>.", remedy: "Look at it.", engine: "echo" };
  world.supervisor.script.input = () =>
    Promise.reject(new LifecycleError("crashed", words, ["<l>"]));
  const html = await (await send(world, { input: HOSTILE })).text();
  for (const text of ["Engine crashed", "It &lt;died&gt;.", "Look at it.", "&lt;l&gt;"]) {
    assertStringIncludes(html, text);
  }
  assertEquals(html.split(ESCAPED).length - 1, 2, "as asked, and in the field");
});

Deno.test("an engine's own refusal stands on the page, too", async () => {
  const world = new WebWorld();
  const json = { error: "no <such> thing" };
  world.supervisor.script.input = () => Promise.resolve(toAnswer({ status: 422, json }));
  const html = await (await send(world, { input: "hello" })).text();
  assertStringIncludes(html, "The engine answered with status 422");
  assertStringIncludes(html, "no &lt;such&gt; thing");
});

Deno.test("a file goes before the field; what is no text is refused before anything starts", async () => {
  const world = new WebWorld();
  const file = new File(["from a file"], "a.txt");
  assertStringIncludes(await (await send(world, { input: "typed", file })).text(), "from a file");
  const empty = new File([], "");
  assertStringIncludes(await (await send(world, { input: "typed", file: empty })).text(), "typed");
  world.supervisor.calls.length = 0;
  const binary = new File([Uint8Array.of(0xff, 0xfe)], "a.bin");
  assertEquals(await codeOf(await send(world, { file: binary })), "422 bad_input");
  assertEquals(await codeOf(await send(world, { other: "x" })), "422 bad_input");
  assertEquals(await codeOf(await world.post(PATH, { body: "x" })), "400 bad_request");
  const large = "x".repeat(1024 * 1024);
  assertEquals(await codeOf(await send(world, { input: large })), "413 too_large");
  assertEquals(
    await codeOf(await send(world, { input: "x" }, "/engines/nobody/try")),
    "404 unknown_engine",
  );
  assertEquals(world.supervisor.calls, []);
});

Deno.test("who leaves the page takes the input back", async () => {
  const world = new WebWorld();
  let signal: AbortSignal | undefined;
  world.supervisor.script.input = (_engine, _text, options) => {
    signal = options.signal;
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject("gone")));
  };
  const response = await send(world, { input: "hello" });
  await response.body?.cancel();
  assert(signal?.aborted);
});

Deno.test("a chat and a comparison that no engine answers say so on their pages", async () => {
  const world = new WebWorld();
  for (
    const [path, fields] of [
      ["/engines/echo/chat", { model: "echo", message: HOSTILE }],
      ["/engines/echo/likeness", { model: "echo", one: HOSTILE, other: "b" }],
    ] as const
  ) {
    const html = await (await send(world, fields, path)).text();
    assertStringIncludes(html, "echo is a fake.");
    assertEquals(html.split(ESCAPED).length - 1, 2, "as asked, and in the field");
  }
  const unknown = await send(world, { model: "nope", message: "x" }, "/engines/echo/chat");
  assertStringIncludes(await unknown.text(), "There is no model &quot;nope&quot;.");
});

Deno.test("what was said before comes along with a chat; what is none of it is left out", async () => {
  const world = new WebWorld();
  const messages = [
    { role: "user", content: "first" },
    { role: "assistant", content: "second" },
    ...[{ role: "system", content: "third" }, null, 7, { role: "user" }],
  ];
  for (const history of [JSON.stringify({ messages }), "{", "[]", '{"messages":7}']) {
    const fields = { model: "echo", message: "now", history };
    const html = await (await send(world, fields, "/engines/echo/chat")).text();
    const said = Array.from(
      html.matchAll(/<div class="message">.*?<pre[^>]*>(.*?)<\/pre>/gs),
      ([, text]) => text,
    );
    assertEquals(said, history.includes("first") ? ["first", "second", "now"] : ["now"]);
  }
});

Deno.test("the engine's page says what can be tried, and what is missing for it", async () => {
  const models = [{ name: "echo", models: [] }];
  const world = new WebWorld(["echo"], { models });
  const page = async () => await (await world.ask("/engines/echo")).text();
  const builtin = await page();
  assertStringIncludes(builtin, 'action="/engines/echo/try"');
  assertEquals(builtin.includes("/engines/echo/chat"), false);
  world.supervisor.set("echo", { kind: "command" });
  assertStringIncludes(await page(), 'action="/engines/echo/chat"');
});

Deno.test("an engine of ours: its model in the box compares, others write, by what it says of them", async () => {
  const named = (name: string) => ({ name, aliases: [], upstreamModel: null });
  const box = { name: "echo", models: [named("all-MiniLM-L6-v2")] };
  const llama = { name: "llama", models: [named("llama")] };
  const world = new WebWorld(["echo", "llama"], { models: [box, llama] });
  const page = async (engine: string) => await (await world.ask(`/engines/${engine}`)).text();
  world.supervisor.set("echo", { kind: "python" });
  const alone = await page("echo");
  assertStringIncludes(alone, 'action="/engines/echo/likeness"');
  assertStringIncludes(alone, "/home/me/.local/share/ai-engine/models");
  assertStringIncludes(alone, "ai-engine serve --model FILE.gguf");
  assertEquals(alone.includes("/engines/echo/chat"), false);
  world.supervisor.set("llama", { kind: "python" });
  assertStringIncludes(await page("echo"), '<a href="/engines/llama#try">Chat with llama</a>');
  assertStringIncludes(await page("llama"), 'action="/engines/llama/chat"');
  const status = { models: [{ name: "llama", kind: "embedding" }] };
  world.events.publish({ type: "python_status", engine: "llama", status });
  const told = await page("llama");
  assertStringIncludes(told, 'action="/engines/llama/likeness"');
  assertEquals(told.includes("/engines/llama/chat"), false);
});
