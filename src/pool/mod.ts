/** The door of `pool`. */
export { type Envelope, PLAIN } from "./envelope.ts";
export type { Traffic } from "./traffic.ts";
export { TransportClient, type TransportClientOptions } from "./transport_client.ts";
export * from "./types.ts";
export { UnixClient, type UnixClientOptions } from "./unix_client.ts";
