/** Direct calls of a running program, by its API and by the typed client. */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { EngineCallError, EngineClient } from "../../clients/ai_engine.ts";
import type { RunningProgram } from "../support/program.ts";
import {
  act,
  BUILTIN,
  isCi,
  programTest,
  pythonDir,
  runtimeFiles,
  scripted,
  viewOf,
} from "./support/harness.ts";

type Functions = {
  cosine(argument: { a: readonly number[]; b: readonly number[] }): number;
  echo(argument: unknown): unknown;
  missing(argument: null): never;
};

function clientOf(program: RunningProgram, engine: string): EngineClient<Functions> {
  return new EngineClient({ engine, url: program.url });
}

async function errorOf(call: Promise<unknown>): Promise<EngineCallError> {
  const error = await call.catch((error) => error);
  assert(error instanceof EngineCallError, String(error));
  return error;
}

programTest("calls of the built-in engine", BUILTIN, (program) => calls(program, "builtin"));

programTest("calls of the Python engine", {
  ignore: pythonDir === null && !isCi,
  args: ["--engine", "python", "--python-dir", pythonDir ?? "engine/python"],
}, (program) => calls(program, "python"));

async function calls(program: RunningProgram, name: string): Promise<void> {
  const client = clientOf(program, name);
  assertEquals((await viewOf(program, name)).state, "stopped");
  assertAlmostEquals(await client.call("cosine", { a: [1, 0], b: [1, 1] }), Math.SQRT1_2);
  assertEquals((await viewOf(program, name)).reason, "input");
  assert((await runtimeFiles(program)).includes(`engine-${name}.sock.frames`));

  const bytes = Uint8Array.from({ length: 1_000_000 }, (_, at) => at);
  assertEquals(await client.call("echo", bytes), bytes);
  const many = Array.from({ length: 200 }, (_, index) => client.call("echo", { index }));
  assertEquals(await Promise.all(many), many.map((_, index) => ({ index })));

  const failed = await errorOf(client.call("cosine", { a: [0], b: [0] }));
  assertEquals([failed.status, failed.code], [502, "call_failed"]);
  assertStringIncludes(failed.raised?.message ?? "", "no direction");
  const wrong = await errorOf(client.call("cosine", { a: [], b: "" } as never));
  assertEquals([wrong.status, wrong.code], [422, "bad_input"]);
  const missing = await errorOf(client.call("missing", null));
  assertEquals([missing.status, missing.code], [404, "not_found"]);
  assertStringIncludes(missing.remedy, "cosine, echo");

  const first = (await viewOf(program, name)).pid;
  Deno.kill(first, "SIGKILL");
  while ((await viewOf(program, name)).pid === first) await client.call("echo", 1).catch(() => {});
  assertEquals(await client.call("echo", "again"), "again");
  assertEquals((await viewOf(program, name)).inflight, 0);
}

programTest("an engine without direct calls says so, and works on", scripted(), async (program) => {
  await act(program, "start");
  const error = await errorOf(clientOf(program, "scripted").call("echo", 1));
  assertEquals([error.status, error.code], [404, "not_found"]);
  assertStringIncludes(error.remedy, "/upstream/scripted/");
  assertEquals((await viewOf(program)).state, "ready");
});
