/** Content negotiation as far as we need it: one media type against JSON. */
import { accepts } from "@std/http";

/**
 * Whether a request with this `Accept` would rather have `type` than JSON. Without the header, and
 * when both are as welcome, JSON it is.
 */
export function prefers(accept: string | null, type: string): boolean {
  if (accept === null) return false;
  return accepts({ headers: new Headers({ accept }) }, "application/json", type) === type;
}
