/** What an engine says of a call that failed, as an error of ours. */
import { type AiEngineError, CallError, ConnectError, RequestError } from "../core/mod.ts";
import type { EngineFailure } from "./notes.ts";

/** Longest text of an engine's in an error of ours, in UTF-16 units. */
const MAX_TEXT = 2_000;

/** `not_found`, `bad_input` and `call_failed` are the answers of an engine that works; `upstream_failed` is not. */
export function toCallError(failure: EngineFailure, name: string, engine: string): AiEngineError {
  const message = failure.message.slice(0, MAX_TEXT);
  switch (failure.code) {
    case "unknown_function":
      return new RequestError("not_found", {
        engine,
        detail: `The engine ${engine} has no function ${name}.`,
        remedy: failure.functions.length === 0
          ? "It has none at all."
          : `Call one of: ${failure.functions.join(", ").slice(0, MAX_TEXT)}.`,
      });
    case "bad_argument":
      return new RequestError("bad_input", {
        engine,
        detail: `${name} does not take this argument. ${message}`,
        remedy: "Give it what it takes; the engine's documentation says what that is.",
      });
    case "stopping":
      return new ConnectError("upstream_failed", "before_send", {
        engine,
        detail: `The engine ${engine} takes no calls any more: it stops.`,
        remedy: "Call again.",
      });
    default: {
      const type = failure.type?.slice(0, MAX_TEXT) ?? null;
      const details = {
        engine,
        detail: `${name} failed${type === null ? "" : ` with ${type}`}: ${message}`,
        remedy: "Read the engine's last output lines; mend the function or its argument.",
      };
      return new CallError({ type, message }, details);
    }
  }
}
