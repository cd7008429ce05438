/** From what was counted to the text that is exposed. */
export * from "./collect.ts";
export * from "./exposition.ts";
export { type EngineAnswer, MergedMetrics } from "./merge_metrics.ts";
