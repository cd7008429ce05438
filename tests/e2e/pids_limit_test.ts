/** The program where no further process or thread may be made. */
import { assertEquals, assertMatch } from "@std/assert";
import { PidsLimit } from "../support/pids_limit.ts";
import { eventually } from "../support/program.ts";
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
