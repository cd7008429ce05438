/**
 * The classes of bugs of known on-demand servers that concern routing, each as one test through `/v1`;
 * the numbers are those of the study. Classes 1, 2, 7 and 10, about processes, are in
 * process_bug_classes.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { eventually, type RunningProgram } from "../support/program.ts";
import { act, SCRIPTED_PATH, viewOf } from "./support/harness.ts";
import { sendRaw } from "./support/raw_http.ts";
import { chat, said, v1Test } from "./support/v1.ts";

const HELLO = "You said: hello";

/** How many engines were started, all in all. */
function starts(program: RunningProgram): number {
  return program.stderr.matchAll(/: starting \(/g).toArray().length;
}

v1Test(
  "bug class 3: a request that arrives while the idle stop is running waits and is served",
  `engines: {a: {command: ["\${speaks}"], idleTimeout: 0s}}`,
  async (program) => {
    for (let round = 0; round < 12; round++) {
      assertEquals(said(await chat(program, "a")), HELLO, `round ${round}`);
      // At once, a moment later, when it is going, when it has gone.
      await new Promise((resolve) => setTimeout(resolve, 15 * (round % 4)));
    }
    assert(starts(program) > 6, program.stderr);
  },
);

v1Test(
  "bug class 4: a request that finds its engine ready while that is stopped is held or sent again, never lost",
  `engines: {a: {command: ["\${speaks}"], idleTimeout: 0s}, b: {command: ["\${speaks}"]}}`,
  async (program) => {
    const ask = async (model: string, pauseMs: number) => {
      const answers: string[] = [];
      for (let turn = 0; turn < 15; turn++) {
        answers.push(said(await chat(program, model)));
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      return answers;
    };
    const restart = async () => {
      for (let turn = 0; turn < 5; turn++) await act(program, "restart", "b");
      return [];
    };
    const asking = [ask("a", 0), ask("a", 7), ask("a", 31), ask("b", 3), ask("b", 11), restart()];
    const answers = (await Promise.all(asking)).flat();
    assertEquals(answers.length, 75);
    assertEquals(new Set(answers), new Set([HELLO]));
  },
);

v1Test(
  "bug class 5: models that are asked for at once are all served, and none is forgotten",
  `engines: {a: {command: ["\${speaks}"]}, b: {command: ["\${speaks}"]}, c: {command: ["\${speaks}"]}}`,
  async (program) => {
    const models = Array.from({ length: 60 }, (_, index) => ["a", "b", "c"][index % 3]);
    const answers = await Promise.all(models.map((model) => chat(program, model)));
    assertEquals(answers.map(({ body }) => body.model), models);
    assertEquals(starts(program), 3);
  },
);

v1Test(
  "bug class 6: an engine that crashes while it loads ends the wait of all with its error; the next is served",
  `engines: {a: {command: [sh, -c, 'test -e "$XDG_RUNTIME_DIR/MENDED" || exit 3; exec python3 "$0"', "\${speaks}"]}}`,
  async (program) => {
    const answers = await Promise.all([1, 2, 3].map(() => chat(program, "a")));
    for (const { status, body, headers } of answers) {
      assertEquals([status, body.error.code], [502, "crashed"]);
      assertMatch(body.error.message, /exited with code 3/);
      assertEquals(headers.get("ai-engine-error-source"), "supervisor");
    }
    await Deno.writeTextFile(join(program.runtimeDir, "MENDED"), "");
    await act(program, "start", "a");
    assertEquals(said(await chat(program, "a")), HELLO);
  },
);

v1Test(
  "bug class 6: an engine that hangs while it loads ends the wait of all with its error; others are served",
  `engines: {a: {command: [env, E2E_SCRIPT=deaf, python3, "${SCRIPTED_PATH}"], startTimeout: 2s}, b: {command: ["\${speaks}"]}}`,
  async (program) => {
    const waiting = Promise.all([1, 2, 3].map(() => chat(program, "a")));
    assertEquals(said(await chat(program, "b")), HELLO);
    for (const { status, body } of await waiting) {
      assertEquals([status, body.error.code], [502, "start_timeout"]);
    }
    // Who comes after that is told at once, and when to try again.
    const { body, headers } = await chat(program, "a");
    assertEquals(body.error.code, "start_timeout");
    assertMatch(headers.get("retry-after") ?? "", /^\d+$/);
  },
);

v1Test(
  "bug class 8: the idle clock starts at the end of the last answer, and the list of models is no use",
  `engines: {a: {command: ["\${speaks}"], idleTimeout: 1s}}`,
  async (program) => {
    const view = () => viewOf(program, "a");
    const stream = await openStream(program);
    const begun = Date.now();
    await eventually("longer than the idle time", () => {
      return Promise.resolve(Date.now() - begun > 1_500);
    });
    assertEquals([(await view()).state, (await view()).inflight], ["ready", 1]);
    stream.close();
    await eventually("the end", async () => (await view()).inflight === 0);
    // Which would keep it awake for ever if it were use.
    await eventually("the idle stop", async () => {
      const { data: [model] } = (await program.json("/v1/models")).body;
      await program.json("/v1/models/a");
      return model.state === "stopped";
    });
    assertEquals((await view()).reason, "idle");
  },
);

v1Test(
  "bug class 9: a stream comes as it is made, and a client that does not read holds up nobody else",
  `engines: {a: {command: ["\${speaks}"]}}`,
  async (program) => {
    const lazy = await openStream(program);
    for (let turn = 0; turn < 20; turn++) assertEquals(said(await chat(program, "a")), HELLO);
    const eager = await openStream(program);
    // It has no end, so that what is read of it was not waited for.
    const buffer = new Uint8Array(4_096);
    let text = "";
    while (!/more.*more/s.test(text)) {
      const count = await eager.read(buffer) ?? 0;
      assert(count > 0, text);
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    eager.close();
    lazy.close();
    await eventually("their end", async () => (await viewOf(program, "a")).inflight === 0);
  },
);

/** A stream without an end, of which nothing is read, once it has begun. */
async function openStream(program: RunningProgram): Promise<Deno.TcpConn> {
  const { host } = new URL(program.url);
  const messages = [{ role: "user", content: "endless" }];
  const body = JSON.stringify({ model: "a", stream: true, messages });
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}\r\n`;
  const conn = await sendRaw(program, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  await eventually("it is served", async () => (await viewOf(program, "a")).inflight > 0);
  return conn;
}
