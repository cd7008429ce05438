import type { FieldList } from "./field_list.ts";
import type { BodyFraming } from "./framing.ts";

/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minorVersion: number;
  readonly fields: FieldList;
}

/** An answer before the answer (1xx); the final one is still to come. */
export interface InformationalEvent {
  readonly type: "informational";
  readonly head: ResponseHead;
}

/** The head of the final answer. */
export interface HeadEvent {
  readonly type: "head";
  readonly head: ResponseHead;
  readonly framing: BodyFraming;
}

/** A piece of the body: a view, valid until the codec receives again. */
export interface DataEvent {
  readonly type: "data";
  readonly bytes: Uint8Array;
}

/** The message is whole. */
export interface EndEvent {
  readonly type: "end";
  /** Never merged into the fields of the head. */
  readonly trailers: FieldList;
}

/** The peer speaks another protocol from here on (101), one that was asked for. */
export interface UpgradedEvent {
  readonly type: "upgraded";
  readonly head: ResponseHead;
}

/** Nothing more can be said before more bytes, or the end of them, come in. */
export interface NeedData {
  readonly type: "need_data";
}

export const NEED_DATA: NeedData = { type: "need_data" };
