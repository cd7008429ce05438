/** An engine that puts itself into the background, and one that comes and goes by being asked. */
import { assertEquals, assertRejects } from "@std/assert";
import { AiEngineError } from "../../src/core/mod.ts";
import { eventually, processesWith } from "../support/program.ts";
import { SCRIPTED_PATH } from "./support/harness.ts";
import { RealEngines } from "./support/real_engines.ts";

Deno.test("an engine whose leader exits while its child would serve is told as a crash, and the child ended", async () => {
  const mark = `E2E_MARK=${crypto.randomUUID()}`;
  const daemon = `setsid env ${mark} python3 "$0" & exit 0`;
  await using engines = new RealEngines([
    { name: "daemon", command: ["sh", "-c", daemon, SCRIPTED_PATH] },
  ]);
  const { supervisor } = engines;
  const error = await assertRejects(() => supervisor.start("daemon"), AiEngineError);
  assertEquals(error.code, "crashed");
  const isOver = () => ["stopped", "failed"].includes(supervisor.view("daemon").state);
  await eventually("no further try", () => Promise.resolve(isOver()));
  assertEquals(await processesWith(mark), []);
});

Deno.test("an engine that idles out comes back for each request, on a socket of the same rights", async () => {
  await using engines = new RealEngines([
    { name: "idle", command: ["python3", SCRIPTED_PATH], idleTimeoutMs: 0 },
  ]);
  const { supervisor } = engines;
  const isStopped = () => Promise.resolve(supervisor.view("idle").state === "stopped");
  const { socket } = supervisor.view("idle");
  const mode = async () => ((await Deno.lstat(socket)).mode ?? 0) & 0o777;
  for (let turn = 0; turn < 3; turn++) {
    assertEquals(await engines.ask("idle"), 200);
    await eventually("the idle stop", isStopped);
    const lease = await supervisor.lease("idle");
    await eventually("a socket that is ours alone", async () => await mode() === 0o600);
    lease.release();
    await eventually("the idle stop", isStopped);
    assertEquals(await Deno.lstat(socket).catch(() => null), null);
  }
  assertEquals([supervisor.view("idle").reason, supervisor.view("idle").restarts], ["idle", 5]);
});
