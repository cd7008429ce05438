/** The door of `events`. */
export * from "./bus.ts";
export * from "./events.ts";
