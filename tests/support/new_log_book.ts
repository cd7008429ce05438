import { LOG_DEFAULTS } from "../../src/config/mod.ts";
import type { Clock } from "../../src/core/mod.ts";
import { LogBook } from "../../src/observe/mod.ts";

/** An empty book of lines, with the bounds that are usual. */
export function newLogBook(clock: Clock): LogBook {
  return new LogBook({ clock, settings: LOG_DEFAULTS.engine });
}
