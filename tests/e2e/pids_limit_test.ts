/** The program where no further process or thread may be made. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { PidsLimit } from "../support/pids_limit.ts";
import { eventually, type RunningProgram } from "../support/program.ts";
import { act, programTest, scripted, sendInput, viewOf } from "./support/harness.ts";

/** The runtime lets a thread go that had nothing to do for 10 s. */
const REST_MS = 12_000;

programTest("with no further process or thread allowed a start says so, waits and recovers", {
  ...scripted(),
  ignore: !PidsLimit.isPossible,
}, async (program) => {
  // With the last of its threads for files gone, the lack of one would end the program.
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  await using limit = await PidsLimit.around(program.pid);
  await limit.close();
  const started = act(program, "start");
  const held = sendInput(program, "hello");
  await eventually("two tries", async () => (await viewOf(program)).restarts > 0);
  const { lastError } = await viewOf(program);
  assertEquals(lastError.code, "spawn_failed");
  assertMatch(lastError.detail, /no further process; .*ulimit -u.*pids\.max/);
  await limit.open();
  assertEquals((await started).body.state, "ready");
  assertEquals((await held).body.message, "You said: hello");
});

/** Pid of the shell that ends what a killed program leaves; `undefined` while there is none. */
function helperOf({ pid }: RunningProgram): number | undefined {
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
  const isHelper = (child: string) =>
    /^\/bin\/sh\0-c\0.*AI_ENGINE_RUN/s.test(Deno.readTextFileSync(`/proc/${child}/cmdline`));
  return children.filter((child) => child !== "").map(Number)
    .find((child) => isHelper(String(child)));
}

programTest("a helper that is killed when there can be no other one is replaced once there can", {
  ...scripted(),
  ignore: !PidsLimit.isPossible,
}, async (program) => {
  assertEquals((await act(program, "start")).body.state, "ready");
  const helper = helperOf(program);
  assert(helper !== undefined);
  await using limit = await PidsLimit.around(program.pid);
  await limit.close();
  Deno.kill(helper, "SIGKILL");
  await program.printed(/No clean-up helper/);
  assertEquals(helperOf(program), undefined);
  await limit.open();
  await eventually("another helper", () => Promise.resolve(helperOf(program) !== undefined));
});
