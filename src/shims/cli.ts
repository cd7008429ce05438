/** `@std/cli`, from the npm mirror, with declarations: its argument parser. */
// @ts-types="./cli.d.ts"
export * from "npm:deno-std@1.4.0/cli/parse_args.js";
