import type { BodyFraming } from "./framing.ts";
import type { DataEvent, EndEvent, NeedData } from "./outcomes.ts";
import type { ReceivedRequest } from "./received_request.ts";

/** The head of a request. */
export interface RequestEvent {
  readonly type: "head";
  readonly request: ReceivedRequest;
  /** Never `until_close`: a request without a length has no body. */
  readonly framing: BodyFraming;
  /** The client waits for `100 Continue` before it sends the body; never for HTTP/1.0. */
  readonly expectsContinue: boolean;
  /** The protocols it asks for (`Upgrade` as it came) if it asks for any; never for HTTP/1.0. */
  readonly upgrade: Uint8Array | undefined;
}

/** Nothing more is read before the response is sent, or ever, when the connection does not persist. */
export interface Paused {
  readonly type: "paused";
}

export const PAUSED: Paused = { type: "paused" };

/** What `ServerCodec.next` says. */
export type ServerOutcome = RequestEvent | DataEvent | EndEvent | NeedData | Paused;
