/** `GET /v1/models`, and how our errors under `/v1` look. */
import { assertEquals } from "@std/assert";
import { AdmissionError, LifecycleError, ModelError, RequestError } from "../../src/core/mod.ts";
import { isOpenAiPath, toOpenAiError } from "../../src/web/openai_error.ts";
import { WebWorld } from "./support/web_world.ts";

const MODELS = [
  {
    name: "llama",
    models: [
      { name: "Org/Llama-3", aliases: ["tiny"], upstreamModel: null },
      { name: "gpt-*", aliases: [], upstreamModel: "x" },
    ],
  },
  { name: "echo", models: [] },
];

function world(): WebWorld {
  return new WebWorld(["llama", "echo"], { models: MODELS });
}

Deno.test("the models are listed as OpenAI lists them, with engine and state, and wake nothing", async () => {
  const one = world();
  one.supervisor.ready("echo");
  const answer = await one.ask("/v1/models");
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "application/json"]);
  const base = { object: "model", created: 1_735_689_600, owned_by: "ai-engine" };
  assertEquals(await answer.json(), {
    object: "list",
    data: [
      { id: "Org/Llama-3", ...base, aliases: ["tiny"], engine: "llama", state: "stopped" },
      { id: "gpt-*", ...base, aliases: [], engine: "llama", state: "stopped" },
      { id: "echo", ...base, aliases: [], engine: "echo", state: "ready" },
    ],
  });
  assertEquals(one.supervisor.calls, []);
});

Deno.test("one model is found by any of its names, escaped or not", async () => {
  const web = world();
  const cases: readonly (readonly [path: string, id: string])[] = [
    ["Org/Llama-3", "Org/Llama-3"],
    ["org%2Fllama-3", "Org/Llama-3"],
    ["TINY", "Org/Llama-3"],
    ["gpt-4o", "gpt-4o"],
    ["gpt-%2A", "gpt-*"],
    ["echo?x=1", "echo"],
  ];
  for (const [path, id] of cases) {
    const answer = await web.ask(`/v1/models/${path}`);
    assertEquals([answer.status, (await answer.json()).id], [200, id], path);
  }
  assertEquals((await web.ask("/v1/models", { method: "HEAD" })).status, 200);
});

Deno.test("errors of ours under /v1 have OpenAI's shape, in whatever form they are wanted", async () => {
  const web = world();
  const html = { accept: "text/html,*/*;q=0.8" };
  const answer = await web.ask("/v1/models/unknown", { headers: html });
  assertEquals([answer.status, answer.headers.get("content-type")], [404, "application/json"]);
  assertEquals(answer.headers.get("ai-engine-error-source"), "supervisor");
  assertEquals(await answer.json(), {
    error: {
      message: 'There is no model "unknown". Name one of these: "Org/Llama-3", "gpt-*", "echo".',
      type: "invalid_request_error",
      param: "model",
      code: "unknown_model",
    },
  });
  const cases: readonly (readonly [method: string, path: string, status: number, code: string])[] =
    [
      ["POST", "/v1/models", 405, "method_not_allowed"],
      ["DELETE", "/v1/models/echo", 405, "method_not_allowed"],
      ["GET", "/v1", 404, "not_found"],
      ["GET", "/v1/models/", 404, "not_found"],
    ];
  for (const [method, path, status, code] of cases) {
    const refused = await web.ask(path, { method });
    const { error } = await refused.json();
    assertEquals([refused.status, error.code, error.param], [status, code, null], path);
  }
  assertEquals((await web.ask("/v1/models", { method: "POST" })).headers.get("allow"), "GET, HEAD");
  const elsewhere = await web.ask("/v2/models");
  assertEquals((await elsewhere.json()).code, "not_found");
});

Deno.test("an error in OpenAI's shape says what to do in its message, and of which kind it is", () => {
  const details = { detail: "It is so.", remedy: "Do that.", retryAfterS: 3 };
  const cases = [
    [new ModelError("bad_request", details), 400, "invalid_request_error", "model"],
    [new RequestError("too_large", details), 413, "invalid_request_error", null],
    [new AdmissionError("queue_full", details), 429, "rate_limit_error", null],
    [new LifecycleError("crashed", details), 502, "server_error", null],
    [new RequestError("not_found", details), 401, "authentication_error", null],
    [new RequestError("not_found", details), 403, "permission_error", null],
  ] as const;
  for (const [error, status, type, param] of cases) {
    const message = "It is so. Do that.";
    const { code } = error;
    assertEquals(toOpenAiError(error, status), { error: { message, type, param, code } });
  }
  assertEquals(["/v1", "/v1/", "/v1/x", "/v10", "/", "/api/v1"].map(isOpenAiPath), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
