/** The door of `supervisor`. */
export * from "./supervisor_types.ts";
