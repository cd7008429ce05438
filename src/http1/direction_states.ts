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

type Moves = Readonly<Partial<Record<DirectionEvent, DirectionState>>>;
type Row = Readonly<Record<DirectionEvent, DirectionState | undefined>>;

/** No entry = not allowed there. */
const TABLE: Readonly<Record<DirectionState, Row>> = {
  idle: row({ informational: "idle", head: "body", switch: "switched", fault: "failed" }),
  body: row({ data: "body", end: "done", fault: "failed" }),
  done: row({ switch: "switched", fault: "failed", next: "idle" }),
  switched: row({}),
  failed: row({ fault: "failed" }),
};

/** All rows have one shape: see {@linkcode cellOf}. */
function row({ informational, head, data, end, switch: switched, fault, next }: Moves): Row {
  return { informational, head, data, end, switch: switched, fault, next };
}

/** The state after `event`. The codecs make no move that the table lacks; a bug that does is not hidden. */
export function moveDirection(state: DirectionState, event: DirectionEvent): DirectionState {
  const next = cellOf(rowOf(state), event);
  if (next === undefined) throw new TypeError(`HTTP/1.1 direction ${state} has no ${event}`);
  return next;
}

function rowOf(state: DirectionState): Row {
  switch (state) {
    case "idle":
      return TABLE.idle;
    case "body":
      return TABLE.body;
    case "done":
      return TABLE.done;
    case "switched":
      return TABLE.switched;
    case "failed":
      return TABLE.failed;
  }
}

/** Spelled out: a computed key is looked up in a table that all code shares, 32 times a request. */
function cellOf(row: Row, event: DirectionEvent): DirectionState | undefined {
  switch (event) {
    case "informational":
      return row.informational;
    case "head":
      return row.head;
    case "data":
      return row.data;
    case "end":
      return row.end;
    case "switch":
      return row.switch;
    case "fault":
      return row.fault;
    case "next":
      return row.next;
  }
}
