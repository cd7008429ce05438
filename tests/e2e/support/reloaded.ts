/** Programs whose configuration file changes while they run. */
import { join } from "@std/path";
import type { ProgramOptions, RunningProgram } from "../../support/program.ts";
import { SCRIPTED_PATH, tempDir, withProgram } from "./harness.ts";

/** A command of the engine `scripted` that differs from others by its argument. */
export function variant(argument: string | number): string {
  return `command: ["${SCRIPTED_PATH}", "${argument}"]`;
}

export interface ReloadWorld {
  readonly program: RunningProgram;
  readonly path: string;
  readonly dir: string;
  write(text: string): Promise<void>;
  /** Writes and reloads over HTTP. */
  reload(text: string): ReturnType<RunningProgram["json"]>;
}

/** Without a terminal; the file is written as editors do, beside and renamed. */
export async function withReloads(
  text: string,
  body: (world: ReloadWorld) => Promise<void>,
  options: ProgramOptions = {},
): Promise<void> {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine.yaml");
  const write = async (text: string) => {
    await Deno.writeTextFile(`${path}~`, text);
    await Deno.rename(`${path}~`, path);
  };
  await write(text);
  const started = { prefix: ["setsid"], env: { E2E_SCRIPT: "" }, ...options };
  await withProgram({ ...started, args: ["--config", path] }, async (program) => {
    await body({
      program,
      path,
      dir: dir.path,
      write,
      async reload(text) {
        await write(text);
        return await program.json("/api/config/reload", { method: "POST" });
      },
    });
  });
}
