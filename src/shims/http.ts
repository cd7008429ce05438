/** `@std/http`, from the npm mirror, with declarations; its file server is broken there. */
export type { Cookie, ETagOptions, ServerSentEventMessage } from "./http.d.ts";
// @ts-types="./http.d.ts"
export { deleteCookie, getCookies, setCookie } from "npm:deno-std@1.4.0/http/cookie.js";
// @ts-types="./http.d.ts"
export { eTag, ifMatch, ifNoneMatch } from "npm:deno-std@1.4.0/http/etag.js";
// @ts-types="./http.d.ts"
export { STATUS_CODE, STATUS_TEXT } from "npm:deno-std@1.4.0/http/status.js";
// @ts-types="./http.d.ts"
export { accepts, acceptsEncodings } from "npm:deno-std@1.4.0/http/negotiation.js";
// @ts-types="./http.d.ts"
export { ServerSentEventStream } from "npm:deno-std@1.4.0/http/server_sent_event_stream.js";
// @ts-types="./http.d.ts"
export { ServerSentEventParseStream } from "npm:deno-std@1.4.0/http/server_sent_event_parse_stream.js";
