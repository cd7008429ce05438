/** The door of `cli`. */
export type { CliDeps, Interrupt, ProgramVersion, ServeConfig, TextOutput } from "./cli_deps.ts";
export type * from "./control_client.ts";
export type { DoctorDeps, DoctorPlaces } from "./doctor_deps.ts";
export { openControlClient } from "./open_control_client.ts";
export { run } from "./run.ts";
