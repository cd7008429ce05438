/** The door of `observe`: what engines print, and what the program says of them. */
export * from "./engine_output.ts";
export * from "./event_log.ts";
