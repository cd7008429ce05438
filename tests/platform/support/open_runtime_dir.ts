/** `open_runtime_dir.ts BASE` opens the runtime directory in BASE and prints its path, or why not. */
import { AiEngineError } from "../../../src/core/mod.ts";
import { openRuntimeDir } from "../../../src/platform/runtime_dir.ts";

try {
  console.log(await openRuntimeDir({ XDG_RUNTIME_DIR: Deno.args[0] }));
} catch (error) {
  if (!(error instanceof AiEngineError)) throw error;
  console.log(`${error.code}: ${error.message} ${error.remedy}`);
}
