import { assert, assertEquals } from "@std/assert";
import { loadedWith } from "../support/loaded_with.ts";

Deno.test("a supervisor loads nothing of the command line but what serve needs", async () => {
  const loaded = await loadedWith("src/app.ts");
  assert(loaded.has("src/supervisor/mod.ts"));
  const ofCli = [...loaded].filter((path) => path.startsWith("src/cli/")).sort();
  assertEquals(ofCli, [
    "src/cli/given_settings.ts",
    "src/cli/mod.ts",
    "src/cli/open_control_client.ts",
    "src/cli/parse_words.ts",
    "src/cli/run.ts",
    "src/cli/serve_command.ts",
    "src/cli/serve_flags.ts",
  ]);
  assert(!loaded.has("src/pool/open_answer.ts"));
});

Deno.test("each command loads what it needs when it is asked for", async () => {
  const loaded = await loadedWith("src/cli/run_command.ts");
  assert(loaded.has("src/cli/commands.ts"));
  for (const name of ["help", "man_page", "logs_command", "send_command", "completions/bash"]) {
    assert(!loaded.has(`src/cli/${name}.ts`), name);
  }
});
