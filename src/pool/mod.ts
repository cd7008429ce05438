/** The door of `pool`. */
export * from "./types.ts";
export { UnixClient, type UnixClientOptions } from "./unix_client.ts";
