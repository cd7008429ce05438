/** The door of `web`. */
export type { WebContext, WebDeps } from "./deps.ts";
export type { Problem } from "./problem.ts";
export { createWeb, type Web } from "./web.ts";
