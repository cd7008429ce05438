/** The door of `lifecycle`: one engine's machine, pure. */
export * from "./failure_record.ts";
export { idleDeadline, idleLimitMs } from "./idle.ts";
export * from "./machine_types.ts";
export { IllegalEventError, INITIAL_STATE, type Lifecycle } from "./transition.ts";
export { createLifecycle } from "./transition.ts";
export type { Rule } from "./rule.ts";
export { TABLE } from "./table.ts";
