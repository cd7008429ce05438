/**
 * The states of one direction of a connection, as a table. A connection has two of these, one for
 * what goes out and one for what comes in, whichever role it plays.
 *
 * @module
 */

/**
 * `idle`: no message yet · `body`: its head is through · `done`: it is whole · `switched`: the
 * connection speaks another protocol now · `failed`: a rule was broken, nothing more is sent or
 * believed.
 */
export type DirectionState = "idle" | "body" | "done" | "switched" | "failed";

/**
 * What moves a direction: parts of a message, a change of protocol (101), a broken rule, the beginning
 * of the next cycle.
 */
export type DirectionEvent =
  | "informational"
  | "head"
  | "data"
  | "end"
  | "switch"
  | "fault"
  | "next";

type Row = Readonly<Partial<Record<DirectionEvent, DirectionState>>>;

/** No entry = not allowed there. */
export const DIRECTION_TABLE: Readonly<Record<DirectionState, Row>> = {
  idle: { informational: "idle", head: "body", switch: "switched", fault: "failed" },
  body: { data: "body", end: "done", fault: "failed" },
  done: { switch: "switched", fault: "failed", next: "idle" },
  switched: {},
  failed: { fault: "failed" },
};

/** The state after `event`. The codecs make no move that the table lacks; a bug that does is not hidden. */
export function moveDirection(state: DirectionState, event: DirectionEvent): DirectionState {
  const next = DIRECTION_TABLE[state][event];
  if (next === undefined) throw new TypeError(`HTTP/1.1 direction ${state} has no ${event}`);
  return next;
}
