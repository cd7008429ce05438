/** `/upstream/NAME/…` through the whole program when the engine can't be had, or does not last. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { act, assertProblem, programTest, scripted, viewOf } from "./support/harness.ts";
import { readAll, readHead, sendRaw } from "./support/raw_http.ts";

programTest(
  "requests to an engine that can't start get its own error, and then the stored one",
  scripted("exit=3"),
  async (program) => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => program.json("/upstream/scripted/health")),
    );
    for (const answer of answers) {
      const problem = assertProblem(answer, { status: 502, code: "crashed" });
      assertMatch(problem.detail, /code 3/);
    }
    assertEquals((await viewOf(program)).state, "failed");
    const starts = program.stderr.match(/: starting/g)?.length;
    const stored = await program.json("/upstream/scripted/health");
    assertProblem(stored, { status: 502, code: "crashed" });
    const retryAfter = Number(stored.headers.get("retry-after"));
    assert(retryAfter > 0 && retryAfter <= 30, `Retry-After: ${retryAfter}`);
    assertEquals(program.stderr.match(/: starting/g)?.length, starts, "nothing was started for it");
  },
);

programTest(
  "an engine that takes no health check in time: every held request gets that error",
  scripted("mute", "--start-timeout", "1s"),
  async (program) => {
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => program.json("/upstream/scripted/health")),
    );
    for (const answer of answers) assertProblem(answer, { status: 502, code: "start_timeout" });
    assertEquals(await program.engineProcesses(), []);
  },
);

programTest(
  "what is on its way when the engine is killed is told so, and the next request has a new one",
  scripted(),
  async (program) => {
    await act(program, "start");
    const { pid } = await viewOf(program);
    const asking = Array.from(
      { length: 4 },
      () => program.json("/upstream/scripted/input", { body: { input: "wait never" } }),
    );
    await program.printed(/(?:waiting for never[^]*){4}/);
    Deno.kill(pid, "SIGKILL");
    for (const answer of await Promise.all(asking)) {
      assertMatch(assertProblem(answer, { status: 502, code: "crashed" }).detail, /SIGKILL/);
    }
    const { status } = await program.json("/upstream/scripted/health");
    assertEquals(status, 200);
    const view = await viewOf(program);
    assertEquals([view.state, view.inflight, view.pid === pid], ["ready", 0, false]);
  },
);

for (const [input, how] of [["unsaid", "ends"], ["unsaid dies", "is cut"]] as const) {
  programTest(
    `an answer without a length ${how} when the engine ${how === "ends" ? "closes" : "dies"}`,
    scripted(),
    async (program) => {
      await act(program, "start");
      const { host } = new URL(program.url);
      const body = JSON.stringify({ input });
      const conn = await sendRaw(
        program,
        `POST /upstream/scripted/input HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      const answer = await readAll(conn);
      const end = how === "ends" ? "0\r\n\r\n" : "";
      assertEquals(answer.slice(answer.indexOf("\r\n\r\n") + 4), `6\r\nso far\r\n${end}`);
    },
  );
}

programTest(
  "a stop by hand answers what it finds held",
  scripted("gate=go"),
  async (program) => {
    const held = program.json("/upstream/scripted/health");
    await program.printed(/waiting for go/);
    await act(program, "stop");
    assertProblem(await held, { status: 503, code: "stopped_by_user" });
  },
);

programTest(
  "a client that leaves while the engine starts gives up its place",
  scripted("gate=go"),
  async (program) => {
    const { host } = new URL(program.url);
    const client = await sendRaw(
      program,
      `GET /upstream/scripted/health HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    );
    await program.printed(/waiting for go/);
    assertEquals((await viewOf(program)).queued, 1);
    client.close();
    while ((await viewOf(program)).queued !== 0) await new Promise((done) => setTimeout(done, 5));
    await act(program, "stop");
  },
);

programTest(
  "smuggled requests start no engine, and the program goes on",
  scripted(),
  async (program) => {
    const { host } = new URL(program.url);
    const head = `POST /upstream/scripted/input HTTP/1.1\r\nHost: ${host}\r\n`;
    for (
      const fields of [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Content-Length: 1, 1",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked\r\n x",
      ]
    ) {
      const conn = await sendRaw(program, `${head}${fields}\r\n\r\n0\r\n\r\n${head}\r\n`);
      const answer = await readAll(conn);
      assertMatch(answer, /^HTTP\/1\.1 400 [^]*"code":"bad_request"/);
      assertEquals(answer.match(/HTTP\/1\.1 \d{3} /g)?.length, 1);
    }
    assertMatch(
      await readHead(await sendRaw(program, `GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`)),
      /^HTTP\/1\.1 200 /,
    );
    assertEquals((await viewOf(program)).state, "stopped");
  },
);
