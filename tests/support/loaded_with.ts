/** What is loaded when a module is. */
import { readImports } from "../../tasks/support/imports.ts";
import { readModules } from "../../tasks/support/tree.ts";

/** Everything that is loaded with a module, packages included. */
export async function loadedWith(start: string): Promise<ReadonlySet<string>> {
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
