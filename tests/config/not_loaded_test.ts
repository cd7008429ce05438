import { assert, assertEquals } from "@std/assert";
import { loadedWith } from "../support/loaded_with.ts";

Deno.test("a supervisor without a file loads nothing of what reads one", async () => {
  const loaded = await loadedWith("src/app.ts");
  assert(loaded.has("src/supervisor/mod.ts") && loaded.has("src/config/loaded_config.ts"));
  const ofFiles = [...loaded].filter((path) =>
    path.startsWith("src/config/file/") || path === "src/app/config_reader.ts" || path === "yaml"
  );
  assertEquals(ofFiles, []);
});

Deno.test("what explains settings that are in force knows no YAML", async () => {
  const loaded = await loadedWith("src/config/file/explain.ts");
  assert(loaded.has("src/config/file/settings_schema.ts"));
  assert(!loaded.has("yaml"));
});

Deno.test("the whole of what reads a file knows YAML", async () => {
  assert((await loadedWith("src/config/file/mod.ts")).has("yaml"));
});
