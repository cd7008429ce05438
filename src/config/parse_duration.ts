import { parseDuration } from "../core/mod.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";

/** Longest limit that can be set: what a 32-bit timer of milliseconds holds, in whole days. */
export const MAX_DURATION_MS = 24 * 86_400_000;

/** Reads how long a start may take: milliseconds, more than 0. */
export function parseStartTimeout(text: string): Parsed<number> {
  const ms = parseDuration(text);
  if (ms === undefined) return notADuration("10s");
  if (ms === 0) return refuse("which leaves no time to start", "Give a start some time", "10s");
  return ms > MAX_DURATION_MS ? tooLong("", "10s") : accept(ms);
}

/** Reads the time between the steps of a stop: milliseconds. */
export function parseGrace(text: string): Parsed<number> {
  const ms = parseDuration(text);
  if (ms === undefined) return notADuration("10s");
  return ms > MAX_DURATION_MS ? tooLong("", "10s") : accept(ms);
}

/** Reads the quiet time before the idle stop: milliseconds; 0 = as soon as idle, -1 = never. */
export function parseIdleTimeout(text: string): Parsed<number> {
  if (text.trim() === "-1") return accept(-1);
  const ms = parseDuration(text);
  if (ms === undefined) return notADuration("5m", ", or -1 for never");
  return ms > MAX_DURATION_MS ? tooLong(", or -1 for never", "-1") : accept(ms);
}

function notADuration(example: string, orElse = "") {
  return refuse(
    "which is not a duration",
    `Write a number and a unit (ms, s, m, h, d)${orElse}`,
    example,
  );
}

function tooLong(orElse: string, example: string) {
  return refuse("which is over 24 days", `Give at most 24d${orElse}`, example);
}
