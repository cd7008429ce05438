/** `/upstream/NAME/…`: the engine itself, through the whole program. */
import { assertEquals, assertMatch } from "@std/assert";
import {
  act,
  assertProblem,
  BUILTIN,
  programTest,
  scripted,
  sendInput,
  viewOf,
} from "./support/harness.ts";
import { askRaw } from "./support/raw_http.ts";

programTest(
  "a proxied request starts a stopped engine and is answered by it",
  BUILTIN,
  async (program) => {
    const { status, body } = await program.json("/upstream/builtin/input", {
      body: { input: "hello" },
    });
    assertEquals([status, body.message, body.count], [200, "You said: hello", 1]);
    const view = await viewOf(program, "builtin");
    assertEquals([view.state, view.reason, view.inflight], ["ready", "request", 0]);
  },
);

programTest(
  "fifty proxied requests at once are fifty answers and one start",
  BUILTIN,
  async (program) => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => program.json("/upstream/builtin/health")),
    );
    assertEquals(answers.map(({ body }) => body), Array(50).fill({ status: "ok" }));
    assertEquals((await viewOf(program, "builtin")).restarts, 0);
  },
);

programTest("an engine's own error passes as it came", BUILTIN, async (program) => {
  const { status, headers, body } = await program.json("/upstream/builtin/nothing");
  assertEquals([status, headers.get("ai-engine-error-source")], [404, null]);
  assertEquals(body.error.code, "not_found");
});

programTest(
  "dot segments, escapes and doubled slashes go to that engine as they came",
  BUILTIN,
  async (program) => {
    const { host } = new URL(program.url);
    for (const rest of ["/../x", "/%2e%2e/x", "//x", "/a%00b"]) {
      const { status, body } = await askRaw(program, [
        `GET /upstream/builtin${rest} HTTP/1.1`,
        `Host: ${host}`,
      ]);
      assertEquals(status, 404, rest);
      assertMatch(JSON.stringify(body), /Nothing is served at/, rest);
    }
  },
);

programTest("an engine that does not exist, and pages of other sites", BUILTIN, async (program) => {
  assertProblem(await program.json("/upstream/other/x"), { status: 404, code: "unknown_engine" });
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    const { host } = new URL(program.url);
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const answer = await askRaw(program, [
      "GET /upstream/builtin/health HTTP/1.1",
      `Host: ${host}`,
      ...fields,
    ]);
    assertProblem(answer, { status: 403, code: "forbidden_origin" });
  }
  assertEquals((await viewOf(program, "builtin")).state, "stopped");
});

programTest(
  "a proxied request that meets a stop is served by the next process",
  scripted(),
  async (program) => {
    await act(program, "start");
    const { body: before } = await sendInput(program, "pid");
    const [, answer] = await Promise.all([
      act(program, "restart"),
      program.json("/upstream/scripted/input", { body: { input: "pid" } }),
    ]);
    const view = await viewOf(program);
    assertEquals(answer.status, 200);
    assertEquals([before.message, String(view.pid)].includes(answer.body.message), true);
  },
);

programTest(
  "an engine that dies before it has answered is told as crashed",
  scripted(),
  async (program) => {
    await act(program, "start");
    const answer = await program.json("/upstream/scripted/input", { body: { input: "exit 7" } });
    const problem = assertProblem(answer, { status: 502, code: "crashed" });
    assertMatch(problem.detail, /code 7/);
  },
);
