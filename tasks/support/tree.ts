/** Files of the checkout. */
import { join } from "@std/path";
import { ROOT } from "./root.ts";

/** Directories that hold nothing of ours. */
const SKIPPED: ReadonlySet<string> = new Set([".venv", "__pycache__", "node_modules", "dist"]);

/** Names of modules, in all the spellings that Deno runs. */
export const MODULE = /\.[cm]?[jt]sx?$/;

/** Paths below ROOT with forward slashes, sorted; `start` is a file or a directory, or not there. */
export async function listFiles(start: string, pattern: RegExp): Promise<string[]> {
  const info = await Deno.stat(join(ROOT, start)).catch(() => null);
  if (info === null) return [];
  if (info.isFile) return pattern.test(start) ? [start] : [];
  const found: string[] = [];
  for await (const entry of Deno.readDir(join(ROOT, start))) {
    if (SKIPPED.has(entry.name)) continue;
    found.push(...await listFiles(`${start}/${entry.name}`, pattern));
  }
  return found.sort();
}

/** The modules among them, and what they say. */
export async function readModules(starts: readonly string[]): Promise<Map<string, string>> {
  const modules = new Map<string, string>();
  for (const start of starts) {
    for (const path of await listFiles(start, MODULE)) {
      modules.set(path, await Deno.readTextFile(join(ROOT, path)));
    }
  }
  return modules;
}
