/** Programs with several engines that speak OpenAI's API, and requests to them. */
import { fromFileUrl, join } from "@std/path";
import type { JsonAnswer, RunningProgram } from "../../support/program.ts";
import { tempDir, withProgram } from "./harness.ts";

export const SPEAKS_OPENAI = fromFileUrl(
  new URL("../../support/engines/speaks_openai.py", import.meta.url),
);

/** Tests `body` on a program with this configuration, in which `${speaks}` is an engine of OpenAI's API. */
export function v1Test(
  name: string,
  config: string,
  body: (program: RunningProgram, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(name, async (t) => {
    await using dir = await tempDir();
    const path = join(dir.path, "ai-engine.yaml");
    await Deno.writeTextFile(path, `macros: {speaks: "${SPEAKS_OPENAI}"}\n${config}`);
    await withProgram({ args: ["--config", path] }, (program) => body(program, t));
  });
}

/** A chat of one message. */
export function chat(
  program: RunningProgram,
  model: unknown,
  content = "hello",
): Promise<JsonAnswer> {
  return program.json("/v1/chat/completions", {
    body: { messages: [{ role: "user", content }], model },
  });
}

/** What the engine said, else the status and our code. */
export function said({ status, body }: JsonAnswer): string {
  return status === 200 ? body.choices[0].message.content : `${status} ${body.error.code}`;
}
