/** The door of `observe`: what engines print, and what the program says of them. */
export * from "./logs/engine_output.ts";
export * from "./logs/event_log.ts";
export * from "./logs/log_book.ts";
export type * from "./logs/log_line.ts";
export type * from "./logs/read_lines.ts";
export { toPlainLine } from "./logs/plain_text.ts";
export * from "./logs/program_log.ts";
export { logRequests } from "./logs/request_log.ts";
export * from "./logs/rotated_file.ts";
export { countEvents, EngineCounts } from "./metrics/engine_counts.ts";
export { countRequests, RequestCounts } from "./metrics/request_counts.ts";
export {
  KEPT as KEPT_REQUESTS,
  RequestBook,
  type RequestBookOptions,
} from "./requests/request_book.ts";

export type { MetricsFormat } from "./metrics/exposition.ts";

/** What tells of the figures; loaded when somebody asks for them. */
export function loadMetrics(): Promise<typeof import("./metrics/mod.ts")> {
  return import("./metrics/mod.ts");
}

/** What finds lines again; loaded when somebody asks for some. */
export function loadLogs(): Promise<typeof import("./logs/mod.ts")> {
  return import("./logs/mod.ts");
}
