/** The door of `balance`: who gets the next request, and who gets none for a while. */
export * from "./choose.ts";
export * from "./standing.ts";
