/** Engines that crash again and again, and engines that are there but do not answer. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { EventStream } from "./support/event_stream.ts";
import {
  act,
  assertNoEngine,
  assertProblem,
  BUILTIN,
  programTest,
  scripted,
  sendInput,
  viewOf,
} from "./support/harness.ts";

programTest("those who come while a crash is waited out are all served by the next process", {
  ...scripted(),
}, async (program) => {
  await using events = await EventStream.open(program);
  assertEquals((await sendInput(program, "exit 7")).body.code, "crashed");
  const crashed = await events.next("state", ({ from }) => from === "stopping");
  assertEquals([crashed.to, crashed.reason, crashed.exitCode], ["stopped", "crash", 7]);
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, (_, i) => sendInput(program, `${i}`)),
    ...Array.from({ length: 10 }, () => program.json("/upstream/scripted/health")),
  ]);
  assertEquals(answers.map(({ status }) => status), answers.map(() => 200));
  assertEquals((await viewOf(program)).restarts, 1);
  assertEquals((await events.state("backoff")).view.lastError.code, "crashed");
  assertEquals((await events.state("starting")).reason, "retry");
});

programTest(
  "an input whose answer has no length: whole when the engine closes, refused when it dies",
  {
    ...scripted(),
  },
  async (program) => {
    const whole = await program.fetch("/api/engines/scripted/input", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: "unsaid" }),
    });
    assertEquals([whole.status, await whole.text()], [200, "so far"]);
    const cut = await sendInput(program, "unsaid dies");
    assertMatch(assertProblem(cut, { status: 502, code: "crashed" }).detail, /SIGKILL/);
  },
);

programTest("a crash loop: each wait is longer, and who can't wait is told when to come again", {
  ...scripted("", "--start-timeout", "2s"),
}, async (program) => {
  for (let i = 0; i < 4; i++) await sendInput(program, "exit 7");
  const problem = await program.json("/upstream/scripted/health");
  const { detail, remedy } = assertProblem(problem, { status: 503, code: "backoff" });
  assertMatch(detail, /exited with code 7 while it was running\. Another try comes in \d/);
  assertMatch(remedy, /ai-engine start scripted/);
  const retryAfter = Number(problem.headers.get("retry-after"));
  assert(retryAfter > 2 && retryAfter <= 8, `Retry-After: ${retryAfter}`);
  await assertNoEngine(program);
  const { code, stdout } = await program.run(["start"]);
  assertEquals(code, 0, stdout);
  assertEquals((await program.json("/upstream/scripted/health")).status, 200);
});

programTest("an engine of ours that is stopped by a signal is noticed and replaced", {
  ...BUILTIN,
}, async (program) => {
  await using events = await EventStream.open(program);
  const { pid } = (await act(program, "start", "builtin")).body;
  Deno.kill(pid, "SIGSTOP");
  const cut = sendInput(program, "hello", "builtin");
  const notice = await events.next("notice", ({ title }) => title === "Engine is stopped");
  assertMatch(notice.detail, /SIGSTOP/);
  const hung = await events.state("stopping");
  assertEquals(hung.reason, "unhealthy");
  // SIGTERM comes with SIGCONT: the engine may answer what it has before it ends.
  const answer = await cut;
  if (answer.status !== 200) assertProblem(answer, { status: 502, code: "health_failed" });
  const ready = await events.state("ready");
  assertEquals([ready.reason, ready.view.restarts], ["retry", 1]);
  assertEquals(await program.engineProcesses(), [ready.view.pid]);
  assertEquals((await sendInput(program, "hello", "builtin")).status, 200);
});

programTest("a foreign engine that is stopped by a signal is noticed, and goes on when it may", {
  ...scripted(),
}, async (program) => {
  await using events = await EventStream.open(program);
  const { pid } = (await act(program, "start")).body;
  Deno.kill(pid, "SIGSTOP");
  await events.next("notice", ({ title }) => title === "Engine is stopped");
  const answer = sendInput(program, "hello");
  Deno.kill(pid, "SIGCONT");
  assertEquals((await answer).body.message, "You said: hello");
  assertEquals((await viewOf(program)).restarts, 0);
});
