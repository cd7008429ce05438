/** `spawn_with_limits.ts LIMITS` starts `true` with limits (JSON) and prints `started`, or why not. */
import { AiEngineError } from "../../../src/core/mod.ts";
import { loadLimits, systemProcesses } from "../../../src/platform/mod.ts";

const prepareLimits = await loadLimits();
try {
  const limits = JSON.parse(Deno.args[0] ?? "");
  const tree = systemProcesses({ umask: 0o022, prepareLimits })
    .spawn({ argv: ["/bin/true"], env: {}, runId: "limits-1", limits });
  await tree.exited;
  tree.release();
  console.log("started");
} catch (error) {
  if (!(error instanceof AiEngineError)) throw error;
  console.log(`${error.code}: ${error.message} ${error.remedy}`);
}
