/**
 * What reads and explains a configuration file. It is large, with the package it reads YAML with, so it
 * is loaded where it is needed: in a process that ends soon, never in the supervisor.
 */
export function configFile(): Promise<typeof import("./file/mod.ts")> {
  return import("./file/mod.ts");
}

/** What tells of settings that are in force. It knows no YAML, so the supervisor may load it when asked. */
export function configExplainer(): Promise<typeof import("./file/explain.ts")> {
  return import("./file/explain.ts");
}
