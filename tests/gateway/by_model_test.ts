/** Under `/v1` a request goes to the engine that serves the model it names. */
import { assertEquals, assertMatch } from "@std/assert";
import { ModelTable } from "../../src/config/mod.ts";
import { AiEngineError, ModelError } from "../../src/core/mod.ts";
import { GatewayBench, get, ok, readRequest, send, TRACE_LINES } from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";

const ENGINES = [
  {
    name: "llama",
    models: [
      { name: "Llama-3", aliases: ["tiny"], upstreamModel: null },
      { name: "renamed", aliases: [], upstreamModel: 'models/"long" name.gguf' },
      { name: "short-*", aliases: [], upstreamModel: "s" },
    ],
  },
  { name: "whisper", models: [] },
];

interface BenchOptions {
  readonly bodyBytes?: number;
  readonly defaultModel?: string;
  readonly engines?: typeof ENGINES;
}

function bench(options: BenchOptions = {}): GatewayBench {
  const { bodyBytes = 1_000, defaultModel = null, engines = ENGINES } = options;
  const models = new ModelTable(engines, { defaultModel });
  return new GatewayBench({ routing: { models, bodyBytes } });
}

function post(body: string, ...fields: readonly string[]): ScriptedClient {
  const length = `Content-Length: ${new TextEncoder().encode(body).length}`;
  const head = ["POST /v1/chat/completions HTTP/1.1", "Host: there", ...fields, length];
  const bytes = new TextEncoder().encode(body);
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return new ScriptedClient([...head, "", text].join("\r\n"));
}

/** The request as the engine got it, which answers it. */
async function exchange(bench: GatewayBench, client: ScriptedClient, end: string): Promise<string> {
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  const request = await readRequest(conn, end);
  await send(conn, ok("answer"));
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
  bench.pool.close();
  return request;
}

/** What a request is refused with. */
async function refusal(bench: GatewayBench, client: ScriptedClient): Promise<AiEngineError> {
  try {
    await bench.gateway.forward(client);
  } catch (error) {
    if (error instanceof AiEngineError) return error;
  }
  throw new Error(`not refused: ${client.answer}`);
}

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setTimeout(resolve));
}

Deno.test("what is for an engine by its model is everything under /v1 but the list of models", async () => {
  await using world = bench();
  const { gateway } = world;
  const isFor = (target: string) => gateway.isFor(get(target).request);
  for (
    const target of ["/v1/chat", "/v1/", "/v1//models", "/v1/modelsx", "/v1/Models", "/v1/x?a"]
  ) {
    assertEquals(isFor(target), true, target);
  }
  const ours = [
    "/v1",
    "/v1?a",
    "/v1/models",
    "/v1/models/",
    "/v1/models/a/b",
    "/v1/models?x",
    "/v2/",
  ];
  for (const target of ours) assertEquals(isFor(target), false, target);
  await using none = new GatewayBench();
  assertEquals(none.gateway.isFor(get("/v1/chat").request), false);
});

Deno.test("a request goes to the engine of its model unchanged, its path too", async () => {
  await using world = bench();
  const body = '{"stream":false,"model":"TINY","x":"\u00e9"}';
  const request = await exchange(world, post(body, "Content-Type: application/json"), "}");
  assertEquals(
    request,
    "POST /v1/chat/completions HTTP/1.1\r\nHost: there\r\nContent-Type: application/json\r\n" +
      `Via: 1.1 ai-engine-0badcafe\r\n${TRACE_LINES}` +
      "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: http\r\n" +
      `X-Forwarded-Host: there\r\nContent-Length: ${body.length + 1}\r\n\r\n` +
      body.replace("\u00e9", "\u00c3\u00a9"),
  );
  assertEquals(world.wanted, ["llama"]);
});

Deno.test("the header comes before the query, the query before the body", async () => {
  const header = "AI-Engine-Model: Whisper";
  const cases: readonly (readonly [ScriptedClient, string])[] = [
    [post('{"model":"tiny"}', header), "whisper"],
    [get("/v1/x?model=tiny", `${header}\r\n`), "whisper"],
    [get("/v1/x?a=1&model=short-%61+b&model=whisper"), "llama"],
    [get("/v1/realtime?model=whisper"), "whisper"],
    [post('{"model":"whisper"}', "AI-Engine-Model: "), "whisper"],
  ];
  for (const [client, engine] of cases) {
    await using world = bench();
    await exchange(world, client, client.request.isMethod("GET") ? "\r\n\r\n" : "}");
    assertEquals(world.wanted, [engine]);
  }
  await using world = bench();
  const twice = await refusal(world, post("{}", header, header));
  assertEquals([twice.code, twice.message], [
    "bad_request",
    "The request has two headers AI-Engine-Model.",
  ]);
});

Deno.test("with a header the body is not looked at: it streams, and Expect is the engine's", async () => {
  await using world = bench();
  const head = "POST /v1/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n";
  const client = new ScriptedClient(`${head}AI-Engine-Model: whisper\r\n\r\n`);
  const forwarding = world.forward(client);
  const conn = await world.accept();
  assertMatch(await readRequest(conn), /\r\nExpect: 100-continue\r\n/);
  assertEquals(client.asks, 0);
  await send(conn, "HTTP/1.1 100 Continue\r\n\r\n");
  client.more("body");
  assertEquals(await readRequest(conn, "body"), "body");
  await send(conn, ok("answer"));
  assertEquals([await forwarding, client.informed.length], ["sent", 1]);
});

Deno.test("a client that waits for a 100 is asked for its body, and the engine is not to ask again", async () => {
  await using world = bench();
  const head =
    "POST /v1/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 17\r\n\r\n";
  const client = new ScriptedClient(head);
  const forwarding = world.forward(client);
  await until(() => client.isAsked);
  assertEquals(client.asks, 1);
  client.more('{"model":"tiny"');
  const conn = await world.accept();
  const begin = await readRequest(conn, '"tiny"');
  assertEquals(begin.includes("Expect"), false, begin);
  client.more(" }");
  await readRequest(conn, " }");
  await send(conn, ok("answer"));
  assertEquals([await forwarding, client.informed], ["sent", []]);
});

Deno.test("upstreamModel takes the place of exactly the model's bytes, and the length fits", async () => {
  const long = JSON.stringify('models/"long" name.gguf');
  const cases: readonly (readonly [sent: string, got: string])[] = [
    ['{"model":"renamed","x":"renamed"}', `{"model":${long},"x":"renamed"}`],
    [
      '{ "mod\\u0065l" : "ren\\u0061med" , "model":"b"}',
      `{ "mod\\u0065l" : ${long} , "model":"b"}`,
    ],
    ['{"x":{"model":"renamed"},"model":"short-and-more"}', '{"x":{"model":"renamed"},"model":"s"}'],
  ];
  for (const [sent, got] of cases) {
    await using world = bench();
    const request = await exchange(world, post(sent), "}");
    assertMatch(request, new RegExp(`\r\nContent-Length: ${got.length}\r\n`));
    assertEquals(request.slice(request.indexOf("\r\n\r\n") + 4), got);
  }
});

Deno.test("what was read for the model goes on as it came, however it came, then the rest", async () => {
  const body = `{"a":"${"x".repeat(50)}","model":"renamed","b":"${"y".repeat(50)}"}`;
  const got = body.replace('"renamed"', JSON.stringify('models/"long" name.gguf'));
  for (let size = 1; size < body.length; size += 7) {
    await using world = bench();
    const head = `POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
    const client = new ScriptedClient(head);
    const forwarding = world.forward(client);
    for (let at = 0; at < body.length; at += size) {
      client.more(body.slice(at, at + size));
      await new Promise((resolve) => setTimeout(resolve));
    }
    const conn = await world.accept();
    const request = await readRequest(conn, 'y"}');
    assertEquals(request.slice(request.indexOf("\r\n\r\n") + 4), got, `${size}`);
    assertMatch(request, new RegExp(`\r\nContent-Length: ${got.length}\r\n`));
    await send(conn, ok("answer"));
    assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
  }
});

Deno.test("a body in chunks stays in chunks, its trailers behind it", async () => {
  await using world = bench();
  const head = "POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const client = new ScriptedClient(`${head}5\r\n{"mod\r\n`);
  const forwarding = world.forward(client);
  client.more('14\r\nel":"short-1","x":1}\r\n0\r\nX-T: 1\r\n\r\n');
  const conn = await world.accept();
  const request = await readRequest(conn, "X-T: 1\r\n\r\n");
  const chunks = request.slice(request.indexOf("\r\n\r\n") + 4);
  assertEquals(
    chunks,
    '5\r\n{"mod\r\n4\r\nel":\r\n3\r\n"s"\r\n7\r\n,"x":1}\r\n0\r\nX-T: 1\r\n\r\n',
  );
  await send(conn, ok("answer"));
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
});

Deno.test("the model of a form is a part of it, and is renamed there, too", async () => {
  const part = (name: string, text: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
  await using world = bench();
  const body = `${part("file", "x".repeat(200))}${part("model", "short-x")}--b--\r\n`;
  const client = post(body, "Content-Type: multipart/form-data; boundary=b");
  const request = await exchange(world, client, "--b--\r\n");
  const got = body.replace("short-x", "s");
  assertEquals(request.slice(request.indexOf("\r\n\r\n") + 4), got);
  assertMatch(request, new RegExp(`\r\nContent-Length: ${got.length}\r\n`));
});

Deno.test("a body whose model is not in its first bytes is refused with the ways that need none", async () => {
  await using world = bench({ bodyBytes: 100 });
  const gateway = world.gateway as typeof world.gateway & { bounds(): unknown };
  for (const rest of ["y".repeat(200), ""]) {
    const client = post(`{"x":"${"x".repeat(95)}${rest}","model":"tiny"}`);
    const error = await refusal(world, client);
    assertEquals([error.code, error instanceof ModelError], ["too_large", true]);
    assertMatch(error.remedy, /AI-Engine-Model.*\/upstream\//);
  }
  assertEquals(gateway.bounds(), [
    { name: "routing_bytes", engine: null, limit: 100, used: null, refused: 2 },
    { name: "held_bytes", engine: null, limit: 800, used: 0, refused: 0 },
  ]);
  // One whose model is, goes on whole.
  const body = `{"model":"tiny","x":"${"x".repeat(500)}"}`;
  assertEquals((await exchange(world, post(body), "}")).endsWith(body), true);
});

Deno.test("all bodies together hold no more than eight of the largest, until they are sent on", async () => {
  await using world = bench({ bodyBytes: 100 });
  const gateway = world.gateway as typeof world.gateway & { bounds(): { used: number }[] };
  const used = () => gateway.bounds()[1]?.used;
  const begin = (text: string) => {
    const head = "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 93\r\n\r\n";
    return new ScriptedClient(`${head}${text}`);
  };
  const begun = `{"x":"${"x".repeat(70)}`;
  const waiting = Array.from({ length: 10 }, () => begin(begun));
  const done = waiting.map((client) => world.forward(client).catch(() => "left"));
  await until(() => used() === 10 * begun.length);
  const one = await refusal(world, begin(begun));
  assertEquals([one.code, one.retryAfterS], ["queue_full", 1]);
  // Half of them leave, one is broken, the others name their model and are served.
  for (const client of waiting.slice(0, 5)) client.goes();
  waiting[5]?.more('",,');
  for (const client of waiting.slice(6)) client.more('","model":"tiny"}');
  for (let served = 0; served < 4; served++) {
    const conn = await world.accept();
    await readRequest(conn, "}");
    await send(conn, ok("answer"));
  }
  assertEquals(await Promise.all(done.slice(5)), ["bad_request", "sent", "sent", "sent", "sent"]);
  assertEquals(await Promise.all(done.slice(0, 5)), Array(5).fill("left"));
  assertEquals(used(), 0);
});

Deno.test("a request that names no model is refused with the names, unless there is a default", async () => {
  const part = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n--b--';
  const cases: readonly (readonly [ScriptedClient, string])[] = [
    [get("/v1/unknown"), "The body is empty."],
    [post(""), "The body is empty."],
    [post("{}"), 'The body has no "model".'],
    [post('{"model":""}'), 'The body\'s "model" is empty.'],
    [post('{"model":null}'), 'The body\'s "model" is null.'],
    [post("[1,2]"), "The body is no object in JSON."],
    [post("{no json}"), "The body is no JSON: byte 2 can't stand where it does."],
    [post('{"x":['), "The body's JSON is not whole."],
    [
      post("\x1f\x08\0\0", "Content-Encoding: gzip"),
      "The body is encoded (Content-Encoding), and only one that is not is searched for a model.",
    ],
    [
      post("{no", "Content-Encoding: identity"),
      "The body is no JSON: byte 2 can't stand where it does.",
    ],
    [
      post(part, "Content-Type: multipart/form-data; boundary=b"),
      'The body has no part called "model".',
    ],
  ];
  await using world = bench();
  for (const [client, why] of cases) {
    const error = await refusal(world, client);
    assertEquals(
      [error.code, error.message, error instanceof ModelError],
      ["bad_request", `${why} So it can't be told which engine is to answer.`, true],
    );
    assertMatch(error.remedy, /"Llama-3", "renamed", "short-\*", "whisper"/);
  }
  assertEquals(world.wanted, []);
  for (const options of [{ defaultModel: "WHISPER" }, { engines: ENGINES.slice(1) }]) {
    await using other = bench(options);
    assertMatch(await exchange(other, post("{no json}"), "}"), /\r\n\r\n{no json}$/);
    assertEquals(other.wanted, ["whisper"]);
  }
});

Deno.test("a model that is no string, or no text, is refused whatever the default", async () => {
  await using world = bench({ defaultModel: "whisper" });
  for (const value of ["1", "true", '["tiny"]', '{"tiny":1}', '"ti\\xny"', '"a\nb"']) {
    const error = await refusal(world, post(`{"model":${value}}`));
    assertEquals([error.code, error instanceof ModelError], ["bad_request", true], value);
  }
  const client = new ScriptedClient(
    'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n{"model":"\xff\xfe"}',
  );
  assertEquals((await refusal(world, client)).message, 'The body\'s "model" is no text in UTF-8.');
});

Deno.test("an unknown model is told with the names that exist, and starts nothing", async () => {
  await using world = bench({ defaultModel: "whisper" });
  for (const client of [post('{"model":"gpt-4"}'), get("/v1/x?model=gpt-4")]) {
    const error = await refusal(world, client);
    assertEquals([error.code, error.message], ["unknown_model", 'There is no model "gpt-4".']);
    assertMatch(error.remedy, /"Llama-3", "renamed", "short-\*", "whisper"/);
  }
  assertEquals([world.wanted, world.held], [[], 0]);
});

Deno.test("a request that came back to us is not looked into", async () => {
  await using world = bench();
  const client = post('{"model":"tiny"}', "Via: 1.1 ai-engine-0badcafe");
  assertEquals([(await refusal(world, client)).code, client.asks], ["loop_detected", 0]);
  const options = new ScriptedClient(
    "OPTIONS /v1/x HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n\r\n",
  );
  assertEquals([await world.forward(options), options.outcome, world.wanted], [
    "sent",
    "whole",
    [],
  ]);
});

Deno.test("a client that leaves while it is held for its engine gives its place up", async () => {
  await using world = bench();
  const { promise, reject } = Promise.withResolvers<void>();
  world.admit = ({ signal }) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
    return promise;
  };
  const client = post('{"model":"tiny"}');
  const forwarding = world.gateway.forward(client).catch(() => {});
  await until(() => world.wanted.length > 0);
  assertEquals(world.wanted, ["llama"]);
  client.goes();
  await forwarding;
  assertEquals([world.held, client.answer], [0, ""]);
});
