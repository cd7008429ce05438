/** The door of `events`. */
export * from "./bus.ts";
export * from "./events.ts";
export { type Replay, Subscription } from "./subscription.ts";
