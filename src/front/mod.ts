/** The door of `front`: listeners, connections and their limits. */
export { Front } from "./front.ts";
export { DEFAULT_FRONT_LIMITS, type FrontLimits } from "./front_limits.ts";
export type { ErrorAsk, FrontOptions, Ours, OwnContext } from "./front_options.ts";
