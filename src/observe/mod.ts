/** The door of `observe`: what engines print. */
export * from "./engine_output.ts";
