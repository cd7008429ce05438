/** What a request may say of its place in the line and of the time after it, in headers of ours. */
import { RequestError } from "./errors.ts";

export const PRIORITY_FIELD = "AI-Engine-Priority";
export const KEEP_ALIVE_FIELD = "AI-Engine-Keep-Alive";

/** What a request says; what it does not is the engine's to say. */
export interface RequestWishes {
  /** Higher goes first. */
  readonly priority?: number;
  /** How long the process may be idle afterwards: 0 = not at all, -1 = for ever. */
  readonly keepAliveMs?: number;
}

/** Throws `bad_request`. */
export function parsePriority(text: string): number {
  if (/^[+-]?\d{1,9}$/.test(text)) return Number(text);
  throw new RequestError("bad_request", {
    detail: `The header ${PRIORITY_FIELD} is no whole number of at most 9 digits.`,
    remedy: `Send one such as \`${PRIORITY_FIELD}: 10\`; higher goes first.`,
  });
}

/** Seconds, in milliseconds; -1 = for ever. Throws `bad_request`. */
export function parseKeepAlive(text: string): number {
  if (text === "-1") return -1;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  throw new RequestError("bad_request", {
    detail: `The header ${KEEP_ALIVE_FIELD} is neither a number of seconds nor -1.`,
    remedy: `Send one such as \`${KEEP_ALIVE_FIELD}: 600\`; 0 stops the engine, -1 keeps it.`,
  });
}
