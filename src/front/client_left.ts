import { RequestError } from "../core/mod.ts";

/** Why an answer is not sent to its end; nobody is left to read it. */
export function clientLeft(): RequestError {
  return new RequestError("bad_request", {
    detail: "The client left before its answer was complete.",
    remedy: "Keep the connection open in both directions until the answer is complete.",
  });
}
