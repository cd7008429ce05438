/** The door of `supervisor`: it owns processes, their state, and who waits for them. */
export type { ProcessPorts } from "./process_ports.ts";
export { hasLimits } from "./spawn_spec.ts";
export { CLOSE_LIMIT_MS, Supervisor, type SupervisorOptions } from "./supervisor.ts";
export * from "./supervisor_types.ts";
