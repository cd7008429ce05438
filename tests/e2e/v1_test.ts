/** `/v1`: several engines, found by the models that requests name, through the whole program. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually, type JsonAnswer } from "../support/program.ts";
import { act, viewOf } from "./support/harness.ts";
import { askRaw, readAll, sendRaw } from "./support/raw_http.ts";
import { chat, said, v1Test } from "./support/v1.ts";

const TWO = `
engines:
  one:
    command: ["\${speaks}"]
    models:
      - {name: Llama-3, aliases: [tiny], upstreamModel: llama-3.gguf}
      - name: gpt-*
  two:
    command: ["\${speaks}"]
`;

/** That an answer is an error of ours in OpenAI's shape; gives its message. */
function assertOpenAiError(
  { status, headers, body }: JsonAnswer,
  expected: { readonly status: number; readonly code: string; readonly param: string | null },
): string {
  const { message, type, code, param, ...rest } = body.error;
  assertEquals({ status, code, param }, expected, message);
  assertEquals([headers.get("content-type"), headers.get("ai-engine-error-source")], [
    "application/json",
    "supervisor",
  ]);
  assertEquals([rest, Object.keys(body), typeof type], [{}, ["error"], "string"]);
  return message;
}

v1Test(
  "each model starts the engine that serves it, and gets the name it has there",
  TWO,
  async (program) => {
    const states = async () => {
      const { body } = await program.json("/v1/models");
      return body.data.map((
        one: Record<string, unknown>,
      ) => [one["id"], one["engine"], one["state"]]);
    };
    assertEquals(await states(), [
      ["Llama-3", "one", "stopped"],
      ["gpt-*", "one", "stopped"],
      ["two", "two", "stopped"],
    ]);
    assertEquals(said(await chat(program, "TINY")), "You said: hello");
    await program.printed(/\[one\] asked llama-3\.gguf\n/);
    assertEquals((await viewOf(program, "two")).state, "stopped");
    assertEquals(said(await chat(program, "gpt-4o-mini")), "You said: hello");
    await program.printed(/\[one\] asked gpt-4o-mini\n/);
    assertEquals((await chat(program, "two")).body.model, "two");
    assertEquals((await states()).map(([, , state]: string[]) => state), [
      "ready",
      "ready",
      "ready",
    ]);
    const limits = (await program.json("/api/limits")).body.limits;
    const [bound] = limits.filter((one: Record<string, unknown>) =>
      one["name"] === "routing_bytes"
    );
    assertEquals([bound.limit, bound.refused], [33_554_432, 0]);
  },
);

v1Test(
  "requests that name no model, or none that is there, are told the names",
  TWO,
  async (program) => {
    const names = /"Llama-3", "gpt-\*", "two"/;
    const wrong = { status: 400, code: "bad_request", param: "model" };
    const send = async (body: string, type = "application/json"): Promise<JsonAnswer> => {
      const headers = { "content-type": type };
      const response = await program.fetch("/v1/chat/completions", {
        method: "POST",
        body,
        headers,
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    };
    assertMatch(assertOpenAiError(await program.json("/v1/unknown"), wrong), names);
    for (const body of ["", "{}", "{no json", '{"model":null}', '{"model":""}', "[]", '{"a":']) {
      assertMatch(assertOpenAiError(await send(body), wrong), names);
    }
    const form = '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\ntwo\r\n';
    const type = "multipart/form-data; boundary=b";
    assertMatch(assertOpenAiError(await send(form, type), wrong), /parts are not whole.*"Llama-3"/);
    for (const model of [1, true, ["two"], { name: "two" }]) {
      assertMatch(assertOpenAiError(await chat(program, model), wrong), /is not a string/);
    }
    const unknown = { status: 404, code: "unknown_model", param: "model" };
    assertMatch(assertOpenAiError(await chat(program, "<b>none</b>"), unknown), names);
    assertMatch(assertOpenAiError(await program.json("/v1/models/x"), unknown), names);
    assertOpenAiError(await program.json("/v1"), { status: 404, code: "not_found", param: null });
    assertEquals((await viewOf(program, "one")).state, "stopped");
  },
);

v1Test("what is refused before it is looked into has OpenAI's shape, too", TWO, async (program) => {
  const foreign = await program.json("/v1/chat/completions", {
    body: { model: "two" },
    headers: { origin: "https://evil.example" },
  });
  assertOpenAiError(foreign, { status: 403, code: "forbidden_origin", param: null });
  const named = await askRaw(program, [
    "GET /v1/x?model=two HTTP/1.1",
    `Host: ${new URL(program.url).host}`,
    "Connection: authorization",
  ]);
  assertOpenAiError(named, { status: 400, code: "bad_request", param: null });
});

v1Test("a model behind an image of 20 MB is found, and all of it goes on", TWO, async (program) => {
  const image = "iVBORw0KGgo=".repeat(1_750_000);
  const answer = await program.json("/v1/chat/completions", {
    body: { image, messages: [{ role: "user", content: "seen" }], model: "two" },
  });
  assertEquals(said(answer), "You said: seen");
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array(20_000_000)]), "a.wav");
  form.append("model", "tiny");
  const response = await program.fetch("/v1/audio/transcriptions", { method: "POST", body: form });
  assertMatch((await response.json()).text, /^20000\d{3} bytes$/);
});

v1Test(
  "a body of 1 GB that names no model is refused when 32 MiB of it are there, and held no more",
  TWO,
  async (program) => {
    const { host } = new URL(program.url);
    const head =
      `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000000\r\n`;
    const conn = await sendRaw(program, `${head}\r\n{"image":"`);
    const piece = new Uint8Array(1024 * 1024).fill(0x41);
    let sent = 0;
    const sending = (async () => {
      try {
        while (sent < 1e9) sent += await conn.write(piece);
      } catch {
        // The program has closed its side.
      }
    })();
    const answer = await readAll(conn);
    await sending;
    assertMatch(answer, /^HTTP\/1\.1 413 Content Too Large\r\n/);
    assertMatch(answer, /"code":"too_large"/);
    assertMatch(answer, /AI-Engine-Model.*\/upstream\/NAME/);
    assert(sent > 32 * 1024 * 1024 && sent < 100 * 1024 * 1024, `${sent} bytes`);
    // With the header it need not be held.
    const conn2 = await sendRaw(program, `${head}AI-Engine-Model: two\r\n\r\n{"image":"`);
    await eventually("it is on its way", async () => (await viewOf(program, "two")).inflight === 1);
    conn2.close();
    await eventually("it is let go", async () => (await viewOf(program, "two")).inflight === 0);
  },
);

v1Test(
  "a form without an end, and a client that leaves in its middle, hold nothing",
  TWO,
  async (program) => {
    const { host } = new URL(program.url);
    const conn = await sendRaw(
      program,
      `POST /v1/audio/transcriptions HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n` +
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n" +
        '37\r\n--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n',
    );
    conn.close();
    assertEquals(said(await chat(program, "two")), "You said: hello");
    const views = (await program.json("/api/engines")).body.engines;
    assertEquals(views.map((view: Record<string, unknown>) => view["inflight"]), [0, 0]);
  },
);

v1Test(
  "the default model serves who names none",
  `${TWO}\ndefaultModel: TWO\n`,
  async (program) => {
    const answer = await program.json("/v1/chat/completions", {
      body: { messages: [{ role: "user", content: "hello" }], model: null },
    });
    assertEquals(said(answer), "You said: hello");
    assertEquals([(await viewOf(program, "two")).state, (await viewOf(program, "one")).state], [
      "ready",
      "stopped",
    ]);
  },
);

v1Test(
  "a stopped engine's requests wait: a hundred at once are a hundred answers and one start",
  TWO,
  async (program) => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => chat(program, "two")));
    assertEquals(new Set(answers.map(said)), new Set(["You said: hello"]));
    assertEquals((await viewOf(program, "two")).restarts, 0);
    await act(program, "stop?hold=true", "two");
    const held = assertOpenAiError(await chat(program, "two"), {
      status: 503,
      code: "stopped_by_user",
      param: null,
    });
    assertMatch(held, /\. .*\.$/); // what happened, and what to do
  },
);
