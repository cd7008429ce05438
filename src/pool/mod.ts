/** The door of `pool`. */
export * from "./types.ts";
