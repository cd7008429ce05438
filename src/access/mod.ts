/** The door of `access`. */
export * from "./decide.ts";
export * from "./host.ts";
export * from "./listen_address.ts";
