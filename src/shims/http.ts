/** `@std/http`, from the npm mirror, with declarations: what is used of it. */
// @ts-types="./http.d.ts"
export { accepts } from "npm:deno-std@1.4.0/http/negotiation.js";
