/** What has changed from one configuration to another. Pure. */
import { mentions, modelOf } from "./placeholders.ts";
import type { EngineSettings } from "./settings.ts";

/** What a process gets at its start: who changes one of these wants another process. */
const OF_THE_PROCESS = [
  "kind",
  "command",
  "model",
  "environment",
  "cwd",
  "nice",
  "user",
  "group",
  "memory",
  "transport",
  "socket",
  "port",
  "remote",
  "revision",
] as const satisfies readonly (keyof EngineSettings)[];

/** `process` = what runs has to be replaced, `settings` = it goes on by other rules. */
export type EngineChange = "none" | "settings" | "process";

export function compareEngines(before: EngineSettings, after: EngineSettings): EngineChange {
  if (OF_THE_PROCESS.some((name) => !isSame(before[name], after[name]))) return "process";
  // Told to the process at its start; clients' requests name the new one from now on.
  if (mentions(after, "MODEL") && modelOf(before) !== modelOf(after)) return "process";
  return isSame(before, after) ? "none" : "settings";
}

/** Whether two settings say the same: plain data, whatever the order of its keys. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size &&
    left.every(([name, value]) => right.has(name) && isSame(value, right.get(name)));
}
