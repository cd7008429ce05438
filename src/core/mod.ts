/** The door of `core`: errors, names, durations, the view of an engine, and the port types. */
export * from "./bound_view.ts";
export * from "./duration.ts";
export { formatAddress } from "./engine_address.ts";
export * from "./engine_view.ts";
export * from "./errors.ts";
export type * from "./examination.ts";
export * from "./lookout.ts";
export * from "./names.ts";
export * from "./nearest.ts";
export * from "./ports.ts";
export * from "./request_record.ts";
export * from "./request_route.ts";
export * from "./request_view.ts";
export * from "./request_wishes.ts";
export * from "./sleep.ts";
export { SteppedTime } from "./stepped_time.ts";
