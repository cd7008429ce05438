/** The door of `pool`. */
export { type Envelope, PLAIN } from "./envelope.ts";
export type { OpenAnswer, OpenOptions } from "./open_answer.ts";
export { answerOpener } from "./answer_opener.ts";
export type { Traffic } from "./traffic.ts";
export { TransportClient, type TransportClientOptions } from "./transport_client.ts";
export * from "./types.ts";
export { UnixClient, type UnixClientOptions } from "./unix_client.ts";
