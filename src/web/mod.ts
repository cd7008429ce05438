/** The door of `web`. */
export type { DoctorReport } from "./api/doctor.ts";
export type { WebContext, WebDeps } from "./deps.ts";
export type { Problem } from "./problem.ts";
export { createWeb, type Web } from "./web.ts";
