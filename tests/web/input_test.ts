import { assert, assertEquals } from "@std/assert";
import { LifecycleError } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { toAnswer } from "../support/fake_supervisor.ts";
import { readEvents } from "./support/read_events.ts";
import { codeOf, WebWorld } from "./support/web_world.ts";

const MIB = 1024 * 1024;
const PATH = "/api/engines/echo/input";
const STREAM = { headers: { accept: "text/event-stream" } };

Deno.test("POST input gives the engine's own JSON back", async () => {
  const world = new WebWorld();
  const response = await world.input("hello");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("ai-engine-error-source"), null);
  const { message, input, count } = await response.json();
  assertEquals([input, message, count], ["hello", "You said: hello", 1]);
});

Deno.test("an empty text is a text", async () => {
  assertEquals((await new WebWorld().input("")).status, 200);
});

const WRONG: readonly [string, BodyInit | null, string][] = [
  ["no body", null, "422 bad_input"],
  ["an empty body", "", "422 bad_input"],
  ["blanks", " ", "400 bad_request"],
  ["not JSON", "hello", "400 bad_request"],
  ["half a JSON", '{"input":"a', "400 bad_request"],
  ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "400 bad_request"],
  ["a list", '["a"]', "422 bad_input"],
  ["null", "null", "422 bad_input"],
  ["a text alone", '"a"', "422 bad_input"],
  ["no input", '{"inputs":"a"}', "422 bad_input"],
  ["a number", '{"input":1}', "422 bad_input"],
  ["a list as input", '{"input":["a"]}', "422 bad_input"],
  ["null as input", '{"input":null}', "422 bad_input"],
  ["input by inheritance", '{"__proto__":{"input":1}}', "422 bad_input"],
  ["2 MB", JSON.stringify({ input: "x".repeat(2_000_000) }), "413 too_large"],
];
for (const [says, body, code] of WRONG) {
  Deno.test(`POST input with ${says} is refused before an engine is started`, async () => {
    const world = new WebWorld();
    assertEquals(await codeOf(await world.post(PATH, { body })), code);
    assertEquals(world.supervisor.calls, []);
  });
}

Deno.test("1 MiB to the byte is taken, a byte more is not", async () => {
  const body = (size: number) => `{"input":"${"x".repeat(size - 12)}"}`;
  assertEquals((await new WebWorld().post(PATH, { body: body(MIB) })).status, 200);
  assertEquals((await new WebWorld().post(PATH, { body: body(MIB + 1) })).status, 413);
});

/** A body without end that says how much of it was taken. */
class Endless {
  taken = 0;
  isCancelled = false;
  readonly stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      this.taken += 65_536;
      controller.enqueue(new Uint8Array(65_536));
    },
    cancel: () => void (this.isCancelled = true),
  }, { highWaterMark: 0 });
}

Deno.test("a body without end is read a little further than the limit and let go", async () => {
  const body = new Endless();
  const response = await new WebWorld().post(PATH, { body: body.stream });
  assertEquals(await codeOf(response), "413 too_large");
  assert(body.taken <= 17 * MIB + 2 * 65_536, `${body.taken} bytes taken`);
  assert(body.isCancelled);
});

Deno.test("a body that lies about its length is bounded by what comes", async () => {
  const body = new Endless();
  const headers = { "content-length": "10" };
  const response = await new WebWorld().post(PATH, { body: body.stream, headers });
  assertEquals(await codeOf(response), "413 too_large");
});

Deno.test("a body announced as too large is refused, and not read without end", async () => {
  const body = new Endless();
  const headers = { "content-length": String(MIB + 1) };
  const response = await new WebWorld().post(PATH, { body: body.stream, headers });
  assertEquals(await codeOf(response), "413 too_large");
  assert(body.isCancelled);
});

Deno.test("a body that breaks off is a bad request", async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
  const response = await new WebWorld().post(PATH, { body });
  assertEquals(await codeOf(response), "400 bad_request");
});

Deno.test("an engine's own refusal passes with its status and body", async () => {
  const world = new WebWorld();
  const body = new TextEncoder().encode("<b>no such thing</b>");
  world.supervisor.script.input = () =>
    Promise.resolve(toAnswer({ status: 404, contentType: "text/html", body }));
  const response = await world.input("hello");
  assertEquals([response.status, await response.text()], [404, "<b>no such thing</b>"]);
  assertEquals(response.headers.get("content-type"), "text/html");
  assertEquals(response.headers.get("ai-engine-error-source"), null);
  const policy = "default-src 'none'; frame-ancestors 'none'; sandbox";
  assertEquals(response.headers.get("content-security-policy"), policy);
});

for (const [status, wanted] of [[204, 204], [304, 304], [299, 299], [599, 599]] as const) {
  Deno.test(`an engine's status ${status} passes`, async () => {
    const world = new WebWorld();
    world.supervisor.script.input = () => Promise.resolve(toAnswer({ status }));
    assertEquals((await world.input("hello")).status, wanted);
  });
}

for (const status of [0, 101, 199, 600, 999]) {
  Deno.test(`an engine's status ${status} is no answer`, async () => {
    const world = new WebWorld();
    world.supervisor.script.input = () => Promise.resolve(toAnswer({ status }));
    assertEquals(await codeOf(await world.input("hello")), "502 upstream_failed");
  });
}

Deno.test("a content type that can't be a header's value is left out", async () => {
  const world = new WebWorld();
  world.supervisor.script.input = () => Promise.resolve(toAnswer({ contentType: "a\u00ffb" }));
  const response = await world.input("hello");
  assertEquals(response.headers.get("content-type"), "application/octet-stream");
});

Deno.test("who leaves takes the input back", async () => {
  const world = new WebWorld();
  const client = new AbortController();
  let isAborted = false;
  world.supervisor.script.input = (_engine, _text, { signal }) => {
    client.abort();
    isAborted = signal?.aborted === true;
    return Promise.resolve(toAnswer({}));
  };
  await world.input("hello", { left: client.signal });
  assert(isAborted);
});

Deno.test("as events: the way of an input, its text, and the whole answer", async () => {
  const response = await new WebWorld().input("hello", STREAM);
  assertEquals(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const events = await readEvents(response);
  assertEquals(events.map(({ type }) => type), ["phase", "phase", "chunk", "done"]);
  assertEquals(events[0]?.data, { engine: "echo", phase: "starting" });
  assertEquals(events[1]?.data, { engine: "echo", phase: "answering" });
  assertEquals(events[2]?.data, { text: "You said: hello" });
  const { status, answer } = events[3]?.data as { status: number; answer: { count: number } };
  assertEquals([status, answer.count], [200, 1]);
});

Deno.test("as events: an answer without a message is shown whole", async () => {
  const world = new WebWorld();
  world.supervisor.script.input = () => Promise.resolve(toAnswer({ json: { sum: 3 } }));
  const events = await readEvents(await world.input("1+2", STREAM));
  assertEquals(events[0], { type: "chunk", id: null, data: { text: '{"sum":3}' } });
});

Deno.test("as events: our error is a fail with every field", async () => {
  const world = new WebWorld();
  const words = { detail: "d", remedy: "r", engine: "echo" };
  world.supervisor.script.input = () => Promise.reject(new LifecycleError("crashed", words, ["l"]));
  const events = await readEvents(await world.input("hello", STREAM));
  assertEquals(events, [{
    type: "fail",
    id: null,
    data: {
      type: "urn:ai-engine:error:crashed",
      title: "Engine crashed",
      status: 502,
      ...words,
      code: "crashed",
      source: "supervisor",
      requestId: "0101010101010101",
      lastLines: ["l"],
    },
  }]);
});

Deno.test("as events: the engine's own refusal is a fail of the engine's", async () => {
  const world = new WebWorld();
  world.supervisor.script.input = () =>
    Promise.resolve(toAnswer({ status: 500, json: { error: "no" } }));
  const events = await readEvents(await world.input("hello", STREAM));
  const data = { source: "engine", status: 500, body: '{"error":"no"}' };
  assertEquals(events, [{ type: "fail", id: null, data }]);
});

Deno.test("as events: what is wrong with the body is a plain refusal", async () => {
  const response = await new WebWorld().post(PATH, { body: "{", ...STREAM });
  assertEquals(await codeOf(response), "400 bad_request");
});

Deno.test("as events: a reader that goes away takes the input back", async () => {
  const world = new WebWorld();
  let signal: AbortSignal | undefined;
  world.supervisor.script.input = (_engine, _text, options) => {
    signal = options.signal;
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject("gone")));
  };
  const response = await world.input("hello", STREAM);
  await response.body?.cancel();
  await settle();
  assert(signal?.aborted);
});
