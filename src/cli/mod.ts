/** The door of `cli`. */
export type { CliDeps, Interrupt, ProgramVersion, ServeConfig, TextOutput } from "./cli_deps.ts";
export * from "./control_client.ts";
export { run } from "./run.ts";
