/** The door of `observe`: what engines print, and what the program says of them. */
export * from "./logs/engine_output.ts";
export * from "./logs/event_log.ts";
export { toPlainLine } from "./logs/plain_text.ts";
export * from "./logs/program_log.ts";
export * from "./logs/rotated_file.ts";
