/** The door of `pool`. */
export type { Traffic } from "./traffic.ts";
export * from "./types.ts";
export { UnixClient, type UnixClientOptions } from "./unix_client.ts";
