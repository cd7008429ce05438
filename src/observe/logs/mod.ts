/** The door of what finds lines again. */
export { levelOf } from "./log_level_of.ts";
export * from "./log_cursor.ts";
export { PatternError } from "./pattern_syntax.ts";
export * from "./read_lines.ts";
