import type { LogLine } from "../../observe/mod.ts";

/** A line as a file of text has it: when, whose, what. */
export function toTextLine({ at, engine, text }: LogLine): string {
  return `${new Date(at).toISOString()} [${engine ?? "ai-engine"}] ${text}\n`;
}
