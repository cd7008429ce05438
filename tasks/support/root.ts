/** Where things are in the checkout. */
import { fromFileUrl, join } from "@std/path";

/** The checkout, absolute, without a trailing separator. */
export const ROOT: string = fromFileUrl(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** Absolute path of something in the checkout. */
export function inRoot(...parts: string[]): string {
  return join(ROOT, ...parts);
}

/** Whether a missing part is a failure instead of a note. */
export function isCi(): boolean {
  return Deno.env.get("CI") === "true";
}
