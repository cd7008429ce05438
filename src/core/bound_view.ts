/**
 * What there may not be more of, all of it: a bound that is not among these is one nobody reaches.
 *
 * - `connections`: of clients, on all listeners; more are answered 503 and closed.
 * - `handshake_ms`: of one client's, for TLS; the connection of one that comes to nothing is closed.
 * - `head_bytes`: of one request; a larger one gets 431.
 * - `body_bytes`: of one request; a larger one gets 413.
 * - `routing_bytes`: of one request's body while its model is looked for; it gets 413.
 * - `held_bytes`: of all such bodies, until they are sent on; one that is too much gets 429.
 * - `input_bytes`: of the body of an input and of other calls of the API; a larger one gets 413.
 * - `call_bytes`: of a direct call's argument; a larger one gets 413.
 * - `event_streams`: open ones, of events and of lines; more get 503.
 * - `event_mailbox`: events that wait for one stream; the oldest give way to a gap marker.
 * - `event_log_chars`: of lines that wait for one stream; the oldest give way to the same.
 * - `event_stall_ms`: a stream may be left unread; then it is let go.
 * - `waiting_requests`: held for one engine; more get 429.
 * - `waiting_calls`: direct calls that wait until a process takes them; more get 429.
 * - `log_searches`: of lines that are kept; more get 429.
 * - `profiles`: that are being taken; more get 429.
 * - `log_lines_per_s`: kept of what one engine prints; more are read, counted and let go.
 */
export type BoundName =
  | "connections"
  | "handshake_ms"
  | "head_bytes"
  | "body_bytes"
  | "routing_bytes"
  | "held_bytes"
  | "input_bytes"
  | "call_bytes"
  | "event_streams"
  | "event_mailbox"
  | "event_log_chars"
  | "event_stall_ms"
  | "waiting_requests"
  | "waiting_calls"
  | "log_searches"
  | "profiles"
  | "log_lines_per_s";

/** A bound as it stands; times and sizes in the unit of its name. */
export interface BoundView {
  readonly name: BoundName;
  /** Whose it is; `null` = the program's. */
  readonly engine: string | null;
  readonly limit: number;
  /** How much there is now; `null` where each thing is measured by itself. */
  readonly used: number | null;
  /** How much was refused or let go since the program began. */
  readonly refused: number;
}
