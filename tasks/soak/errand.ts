/** What a request tells the engine of the soak to do, as its target says it. */

/**
 * `length`, `chunked`: a whole answer framed that way. `close`: one without a length. `hinted`: a 103
 * first. `early`: answered before the body is read. `cut_length`, `cut_chunked`: half an answer, then
 * the connection closes. `mute`: no answer at all. `tunnel`: a 101, then every byte comes back.
 */
export type How =
  | "length"
  | "chunked"
  | "close"
  | "hinted"
  | "early"
  | "cut_length"
  | "cut_chunked"
  | "mute"
  | "tunnel";

export interface Errand {
  /** The number of the request; both bodies follow from it. */
  readonly id: number;
  /** Length of the answer's body. */
  readonly bytes: number;
  readonly how: How;
}

/** What the engine says in its field `Soak`, for the client to compare. */
export interface Report {
  readonly id: number;
  readonly method: string;
  /** Of the request's body; `unread` when it was answered before. */
  readonly body: "right" | "wrong" | "unread";
  readonly bodyBytes: number;
}

export function errandTarget({ id, bytes, how }: Errand): string {
  return `/${id}/${bytes}/${how}`;
}

/** `undefined` for a target of another kind. */
export function readErrand(target: string): Errand | undefined {
  const match = /^\/(\d+)\/(\d+)\/(\w+)$/.exec(target);
  if (match === null) return undefined;
  return { id: Number(match[1]), bytes: Number(match[2]), how: match[3] as How };
}

export function reportText({ id, method, body, bodyBytes }: Report): string {
  return `${id} ${method} ${body} ${bodyBytes}`;
}
