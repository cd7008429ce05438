/** Requests as they are told of, called, cancelled and found again, through the whole program. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { eventually, type RunningProgram } from "../support/program.ts";
import {
  act,
  assertProblem,
  isCi,
  programTest,
  pythonDir,
  scripted,
  SCRIPTED_PATH,
  tempDir,
  viewOf,
  withProgram,
} from "./support/harness.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const NAMES = {
  "traceparent": `00-${TRACE}-${PARENT}-00`,
  "tracestate": "a=1,b=2",
  "x-request-id": "my/id#1",
};

/** Both ways of an input. */
const WAYS = ["/api/engines/scripted/input", "/upstream/scripted/input"] as const;

function ask(program: RunningProgram, path: string, input: string, headers = {}) {
  return program.json(path, { body: { input }, headers });
}

async function requests(program: RunningProgram) {
  return (await program.json("/api/requests")).body.requests;
}

function cancel(program: RunningProgram, id: string) {
  return program.json(`/api/requests/${encodeURIComponent(id)}`, { method: "DELETE" });
}

for (const path of WAYS) {
  programTest(`${path}: the engine is told the client's names, which come back and are logged`, {
    ...scripted("", "--log-level", "debug"),
  }, async (program) => {
    const { status, headers, body } = await ask(program, path, "names", NAMES);
    assertEquals([status, headers.get("x-request-id")], [200, "my/id#1"]);
    const [traceparent, state, id] = body.message.split(" ");
    assertMatch(traceparent, new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-00$`));
    assertEquals([state, id], ["a=1,b=2", "my/id#1"]);
    const [view] = await requests(program);
    assertEquals([view.id, view.traceId, view.engine], ["my/id#1", TRACE, "scripted"]);
    assertEquals(view.progress, { phase: "ended", outcome: "answered" });
    assert(view.bytesIn > 0 && view.bytesOut > 0 && view.heldMs > 0, JSON.stringify(view));
    const story = async () => {
      const { body } = await program.json(`/api/logs?request=${encodeURIComponent(view.id)}`);
      return body.lines.map(({ text }: { text: string }) => text).join("\n");
    };
    await eventually("its story", async () => /works for/.test(await story()));
    const text = await story();
    assertMatch(text, /^scripted: starting \((input|request)/m);
    assertMatch(text, /^scripted: ready /m);
    assertMatch(text, /^scripted: POST .*: 200 after /m);
  });

  programTest(`${path}: what is cancelled while its engine works is told so, once`, {
    ...scripted(),
  }, async (program) => {
    const asked = ask(program, path, "wait never", { "x-request-id": "slow" });
    await eventually(
      "the engine",
      () => Promise.resolve(program.stderr.includes("waiting for never")),
    );
    assertEquals((await requests(program))[0].progress, { phase: "sent" });
    assertEquals((await cancel(program, "slow")).status, 204);
    const answer = await asked;
    const problem = assertProblem(answer, { status: 503, code: "stopped_by_user" });
    assertEquals(problem.requestId, "slow");
    assertEquals(answer.headers.get("x-should-retry"), "false");
    assertProblem(await cancel(program, "slow"), { status: 404, code: "not_found" });
    const [view] = await requests(program);
    assertEquals([view.progress.outcome, view.status], ["cancelled", 503]);
    assertEquals((await viewOf(program)).inflight, 0);
    assertEquals((await ask(program, path, "next")).status, 200);
  });
}

Deno.test("the line for an engine is seen in its requests, by API, event and page", async () => {
  await using dir = await tempDir();
  const config = join(dir.path, "config.yaml");
  const scriptedEngine = { command: ["python3", SCRIPTED_PATH], slots: 1 };
  await Deno.writeTextFile(config, JSON.stringify({ engines: { scripted: scriptedEngine } }));
  await withProgram({ args: ["--config", config] }, async (program) => {
    const [api, raw] = WAYS;
    const events = await program.fetch("/api/events?topics=request");
    const told = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    const working = ask(program, raw, "wait never", { "x-request-id": "works" });
    await eventually(
      "the engine",
      () => Promise.resolve(program.stderr.includes("waiting for never")),
    );
    const waiting = [];
    for (const [path, id] of [[raw, "a"], [api, "b"]] as const) {
      waiting.push(ask(program, path, "next", { "x-request-id": id }));
      await eventually(id, async () => (await requests(program)).length === waiting.length + 1);
    }
    const places = (await requests(program))
      .map(({ id, place }: { id: string; place: number | null }) => [id, place]);
    assertEquals(places, [["b", 2], ["a", 1], ["works", null]]);
    let text = "";
    while (!/"id":"b".*"place":2/.test(text)) text += (await told?.read())?.value ?? "";
    await told?.cancel();
    const page = await (await program.fetch("/requests")).text();
    assertMatch(page, />Waiting, 2nd in line</);
    assertMatch(page, />Waiting, next in line</);
    await cancel(program, "works");
    assertEquals((await Promise.all(waiting)).map(({ status }) => status), [200, 200]);
    assertEquals((await working).status, 503);
  });
});

programTest("a request for an engine that nobody knows has no engine", {
  ...scripted(),
}, async (program) => {
  const answer = await program.json("/upstream/nobody/input", { body: {} });
  assertProblem(answer, { status: 404, code: "unknown_engine" });
  const [view] = await requests(program);
  assertEquals([view.path, view.engine], ["/upstream/nobody/input", null]);
});

programTest(
  "a request that fails is one warning, as JSON with the names of ECS",
  { ...scripted("exit=3", "--log-file", "-") },
  async (program) => {
    const path = "/upstream/scripted/input?key=secret";
    const { headers } = await ask(program, path, "x", NAMES);
    assertEquals(headers.get("x-request-id"), "my/id#1");
    const line = () =>
      program.stderr.split("\n").find((one) => one.includes('"event.action":"request"'));
    await eventually("the line", () => Promise.resolve(line() !== undefined));
    const start = program.stderr.split("\n").find((one) => one.includes('"to":"starting"'));
    const { "trace.id": trace, "http.request.id": id } = JSON.parse(start ?? "");
    assertEquals([trace, id], [TRACE, "my/id#1"]);
    const record = JSON.parse(line() ?? "");
    assertEquals(record["log.level"], "warn");
    assertEquals(record["trace.id"], TRACE);
    assertEquals(record["http.request.id"], "my/id#1");
    assertEquals(record["http.request.method"], "POST");
    assertEquals(record["url.path"], "/upstream/scripted/input");
    assertEquals(record["http.response.status_code"], 502);
    assertEquals(record["event.reason"], "crashed");
    assertEquals(JSON.stringify(record).includes("secret"), false);
  },
);

programTest("a profile of the program is taken, one at a time", scripted(), async (program) => {
  const take = () => program.json("/api/profile?seconds=1", { method: "POST" });
  const both = await Promise.all([take(), take()]);
  assertEquals(both.map(({ status }) => status).sort(), [200, 429]);
  const [taken] = both.filter(({ status }) => status === 200);
  assertEquals(taken?.body.nodes[0].callFrame.functionName, "(root)");
  assert(taken?.body.samples.length > 0);
  const engine = await program.json("/api/profile?engine=scripted", { method: "POST" });
  assertProblem(engine, { status: 409, code: "not_managed" });
});

programTest("our Python engine takes a profile of itself, which keeps it from nothing", {
  ignore: pythonDir === null && !isCi,
  args: ["--engine", "python", "--python-dir", pythonDir ?? "engine/python"],
}, async (program) => {
  const take = (query = "") =>
    program.fetch(`/api/profile?engine=python${query}`, { method: "POST" });
  const early = await take();
  assertEquals([early.status, (await early.json()).code], [400, "bad_request"]);
  assertEquals((await act(program, "start", "python")).status, 200);
  const taking = take("&seconds=2");
  assertEquals((await ask(program, "/api/engines/python/input", "hello")).status, 200);
  assertEquals((await viewOf(program, "python")).inflight, 0);
  const taken = await taking;
  assertEquals([taken.status, taken.headers.get("content-disposition")], [
    200,
    'attachment; filename="python.prof"',
  ]);
  // The names of functions stand in it as they are.
  assertMatch(new TextDecoder("latin1").decode(await taken.bytes()), /_run_once/);
});
