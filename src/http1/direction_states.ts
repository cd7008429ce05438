/**
 * The states of one direction of a connection, as a table. A connection has two of these, one for
 * what goes out and one for what comes in, whichever role it plays.
 *
 * @module
 */

/**
 * `idle`: no message yet · `body`: its head is through · `done`: it is whole · `failed`: a rule was
 * broken, nothing more is sent or believed.
 */
export type DirectionState = "idle" | "body" | "done" | "failed";

/** What moves a direction: parts of a message, a broken rule, the beginning of the next cycle. */
export type DirectionEvent = "informational" | "head" | "data" | "end" | "fault" | "next";

type Row = Readonly<Partial<Record<DirectionEvent, DirectionState>>>;

/** No entry = not allowed there. */
export const DIRECTION_TABLE: Readonly<Record<DirectionState, Row>> = {
  idle: { informational: "idle", head: "body", fault: "failed" },
  body: { data: "body", end: "done", fault: "failed" },
  done: { fault: "failed", next: "idle" },
  failed: { fault: "failed" },
};

/** The state after `event`; `undefined` when it is not allowed in `state`. */
export function nextDirection(
  state: DirectionState,
  event: DirectionEvent,
): DirectionState | undefined {
  return DIRECTION_TABLE[state][event];
}
