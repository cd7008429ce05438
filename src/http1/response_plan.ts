import type { BodyFraming } from "./framing.ts";
import { localFault } from "./rules.ts";

/** What a response depends on of the request it answers. */
export interface AnsweredRequest {
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minorVersion: number;
  readonly isHead: boolean;
  /** Whether the connection may carry another request after this one. */
  readonly isPersistent: boolean;
  /** Whether it asked for another protocol. */
  readonly asksUpgrade: boolean;
}

/** A response as its caller has it. */
export interface ResponseWish {
  /** 101 or 200 to 599. */
  readonly status: number;
  /** The body that is at hand, also for an answer to HEAD; `chunked` or `until_close` = unknown length. */
  readonly body: BodyFraming;
  /** The connection is to end with it. @default false */
  readonly close?: boolean;
}

/** How a response goes out: what its head has to say about body and connection, and what follows. */
export interface ResponsePlan {
  readonly status: number;
  /** How the body that follows is framed; `none` = the message ends with its head. */
  readonly framing: BodyFraming;
  /** The length or coding that the head names, also where no body follows; `none` = neither. */
  readonly announces: BodyFraming;
  /** What `Connection` has to say; `undefined` = nothing. */
  readonly connection: "close" | "keep-alive" | "upgrade" | undefined;
}

const NO_BODY: BodyFraming = { kind: "none" };
const EMPTY: BodyFraming = { kind: "length", bytes: 0 };
const CHUNKED: BodyFraming = { kind: "chunked" };
const UNTIL_CLOSE: BodyFraming = { kind: "until_close" };

/** Plans a response: RFC 9110 section 6.4.1, RFC 9112 sections 6 and 9.3. Throws `BAD_UPGRADE`. */
export function planResponse(request: AnsweredRequest, wish: ResponseWish): ResponsePlan {
  if (wish.status === 101) return planSwitch(request);
  const framing = framingOf(request, wish);
  const isKept = request.isPersistent && wish.close !== true && framing.kind !== "until_close";
  const keeps = request.minorVersion === 0 ? "keep-alive" as const : undefined;
  return {
    status: wish.status,
    framing,
    announces: framing.kind === "none" ? announcedWithoutBody(wish) : framing,
    connection: isKept ? keeps : "close",
  };
}

function planSwitch(request: AnsweredRequest): ResponsePlan {
  if (!request.asksUpgrade) throw localFault("BAD_UPGRADE");
  return { status: 101, framing: NO_BODY, announces: NO_BODY, connection: "upgrade" };
}

function framingOf(request: AnsweredRequest, { status, body }: ResponseWish): BodyFraming {
  if (request.isHead || status === 204 || status === 304) return NO_BODY;
  switch (body.kind) {
    case "none":
      return EMPTY;
    case "length":
      return body;
    default:
      return request.minorVersion === 0 ? UNTIL_CLOSE : CHUNKED;
  }
}

/** An answer to HEAD, and 304, may say what length the body would have had; 204 must not. */
function announcedWithoutBody({ status, body }: ResponseWish): BodyFraming {
  return body.kind === "length" && status !== 204 ? body : NO_BODY;
}
