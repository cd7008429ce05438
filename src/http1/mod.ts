/** The door of `http1`: the HTTP/1.1 codec without I/O. */
export { ClientCodec, type ClientOutcome } from "./client_codec.ts";
export { FieldList } from "./field_list.ts";
export type { BodyFraming } from "./framing.ts";
export { DEFAULT_LIMITS, type Http1Limits } from "./limits.ts";
export * from "./outcomes.ts";
export { newBytes } from "./new_bytes.ts";
export { type EncodedRequest, encodeRequestHead, type RequestHead } from "./request_head.ts";
export { remoteFault, type Rule, RULES } from "./rules.ts";
