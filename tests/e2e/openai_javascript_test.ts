/** OpenAI's own client for JavaScript, unmodified, in front of the whole program. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { fromFileUrl } from "@std/path";
import OpenAI from "openai";
import { eventually, type RunningProgram } from "../support/program.ts";
import { programTest, viewOf } from "./support/harness.ts";

const ENGINE = fromFileUrl(new URL("../support/engines/speaks_openai.py", import.meta.url));
const model = "speaks_openai";
const ENGINE_OPTIONS = { args: ["--engine", ENGINE] };

/** A client that asks once. */
function clientOf(program: RunningProgram): OpenAI {
  return new OpenAI({ baseURL: `${program.url}/v1`, apiKey: "none", maxRetries: 0 });
}

function says(content: string) {
  return { model, messages: [{ role: "user" as const, content }] };
}

async function inflight(program: RunningProgram): Promise<number> {
  return (await viewOf(program, model)).inflight;
}

programTest(
  "openai (JavaScript): models are listed and found, and none is woken",
  ENGINE_OPTIONS,
  async (program) => {
    const client = clientOf(program);
    const { data } = await client.models.list();
    assertEquals(data.map(({ id, object }) => [id, object]), [[model, "model"]]);
    assertEquals((await client.models.retrieve("Speaks_OpenAI")).id, model);
    const error = await assertRejects(() => client.models.retrieve("a/b"), OpenAI.NotFoundError);
    assertMatch(error.message, /There is no model "a\/b"\. Name one of these: "speaks_openai"\./);
    assertEquals((await viewOf(program, model)).state, "stopped");
  },
);

programTest(
  "openai (JavaScript): a chat starts the engine, whole and in a stream; embeddings and files go",
  ENGINE_OPTIONS,
  async (program) => {
    const client = clientOf(program);
    const chat = await client.chat.completions.create(says("hello"));
    assertEquals(chat.choices[0]?.message.content, "You said: hello");
    const stream = await client.chat.completions.create({ ...says("good day"), stream: true });
    const pieces: string[] = [];
    for await (const { choices: [choice] } of stream) pieces.push(choice?.delta.content ?? "");
    assertEquals(pieces, ["You ", "said: ", "good ", "day", ""]);
    const { data } = await client.embeddings.create({ model, input: ["a", "bcd"] });
    assertEquals(data.map(({ embedding }) => embedding), [[1, 0.5, -1], [3, 0.5, -1]]);
    const file = new File([new Uint8Array(300_000)], "a.wav");
    const { text } = await client.audio.transcriptions.create({ model, file });
    assertMatch(text, /^300\d{3} bytes$/);
  },
);

programTest(
  "openai (JavaScript): an unknown model is a NotFoundError with our message",
  ENGINE_OPTIONS,
  async (program) => {
    const client = clientOf(program);
    const ask = () => client.chat.completions.create({ ...says("hello"), model: "gpt-4" });
    const { message, status, code, param, type } = await assertRejects(ask, OpenAI.NotFoundError);
    assertEquals({ message, status, code, param, type }, {
      message: '404 There is no model "gpt-4". Name one of these: "speaks_openai".',
      status: 404,
      code: "unknown_model",
      param: "model",
      type: "invalid_request_error",
    });
    assertEquals((await viewOf(program, model)).state, "stopped");
  },
);

programTest(
  "openai (JavaScript): an engine's own error is its own, its death is ours, and the next is served",
  ENGINE_OPTIONS,
  async (program) => {
    const client = clientOf(program);
    const refused = await assertRejects(
      () => client.chat.completions.create(says("refuse")),
      OpenAI.BadRequestError,
    );
    assertEquals([refused.message, refused.code], ["400 The engine says no.", "engine_no"]);
    assertEquals(refused.headers?.get("ai-engine-error-source"), null);
    const died = await assertRejects(
      () => client.chat.completions.create(says("die")),
      OpenAI.InternalServerError,
    );
    assertEquals([died.status, died.code, died.type], [502, "crashed", "server_error"]);
    assertMatch(
      died.message,
      /exited with code 3 while it was running\. Read its last output lines/,
    );
    assertEquals(died.headers?.get("ai-engine-error-source"), "supervisor");
    const next = await client.chat.completions.create(says("again"));
    assertEquals(next.choices[0]?.message.content, "You said: again");
  },
);

programTest(
  "openai (JavaScript): a client that takes no more time, or aborts, is let go by the engine",
  ENGINE_OPTIONS,
  async (program) => {
    const client = clientOf(program);
    await client.chat.completions.create(says("awake"));
    await assertRejects(
      () => client.chat.completions.create(says("slow"), { timeout: 300 }),
      OpenAI.APIConnectionTimeoutError,
    );
    await eventually("nothing in flight", async () => await inflight(program) === 0);

    const stream = await client.chat.completions.create({ ...says("endless"), stream: true });
    let pieces = 0;
    for await (const _ of stream) {
      if (++pieces === 20) break; // which aborts
    }
    assertEquals(stream.controller.signal.aborted, true);
    await program.printed(/left/);
    await eventually("nothing in flight", async () => await inflight(program) === 0);

    const leave = new AbortController();
    const asked = client.chat.completions.create(says("slow"), { signal: leave.signal });
    await eventually("it is in flight", async () => await inflight(program) === 1);
    leave.abort();
    await assertRejects(() => asked, OpenAI.APIUserAbortError);
    await eventually("nothing in flight", async () => await inflight(program) === 0);
    const after = await client.chat.completions.create(says("still there"));
    assert(after.choices[0]?.message.content?.endsWith("still there"));
  },
);
