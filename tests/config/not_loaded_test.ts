import { assert, assertEquals } from "@std/assert";
import { readImports } from "../../tasks/support/imports.ts";
import { readModules } from "../../tasks/support/tree.ts";

/** Everything that is loaded with a module, packages included. */
async function loadedWith(start: string): Promise<ReadonlySet<string>> {
  const modules = await readModules(["main.ts", "src"]);
  const loaded = new Set<string>();
  const open = [start];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (loaded.has(path)) continue;
    loaded.add(path);
    for (const { kind, isDynamic, specifier } of readImports(path, modules.get(path) ?? "")) {
      if (kind === "type" || isDynamic || specifier === null) continue;
      const isOurs = specifier.startsWith(".");
      open.push(isOurs ? new URL(specifier, `file:///${path}`).pathname.slice(1) : specifier);
    }
  }
  return loaded;
}

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
