/** The door of `config`. */
export * from "./settings.ts";
