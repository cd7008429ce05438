/**
 * `deno task test:ray`: the engine on a Ray cluster of two nodes. Apart from `deno task test`, because it
 * installs half a gigabyte. The last line is `N passed, N failed`.
 */
import { runCommand } from "./support/command.ts";
import { pythonOf, setUpPython } from "./support/python_env.ts";
import { setUpRay } from "./support/ray.ts";
import { ROOT } from "./support/root.ts";
import { tallyOfDeno } from "./support/tally.ts";

/** Most of it is the cluster's start. */
const LIMIT_MS = 180_000;

async function main(): Promise<number> {
  const python = await setUpPython();
  const ray = python.kind === "ready" ? await setUpRay(python.path) : python;
  if (python.kind !== "ready" || ray.kind !== "ready") {
    if (ray.kind !== "ready") console.log(`MISSING: Ray Serve. ${ray.why}`);
    console.log("0 passed, 1 failed");
    return 1;
  }
  const { code, output } = await runCommand(
    [Deno.execPath(), "test", "-A", "--sanitize-ops", "--sanitize-resources", "tests/ray"],
    {
      cwd: ROOT,
      echo: true,
      limitMs: LIMIT_MS,
      env: { AI_ENGINE_TEST_RAY: ray.path, AI_ENGINE_TEST_RAY_PYTHON: pythonOf(python.path) },
    },
  );
  const { passed, failed } = tallyOfDeno(output, code);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

Deno.exit(await main());
