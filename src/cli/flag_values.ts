/**
 * Values of flags, as the commands want them.
 *
 * @module
 */
import { quote } from "../config/mod.ts";
import { UsageError } from "../core/mod.ts";
import type { Invocation } from "./command.ts";
import { unknownWord } from "./usage_error.ts";

/** The last value of `--name`; `undefined` when it was not given. */
export function flagValue({ flags }: Invocation, name: string): string | undefined {
  return flags.get(name)?.at(-1);
}

/** A number of lines or the like: from 1 to `most`. Throws `UsageError`. */
export function flagCount(
  invocation: Invocation,
  name: string,
  { fallback, most }: { readonly fallback: number; readonly most: number },
): number {
  const value = flagValue(invocation, name);
  if (value === undefined) return fallback;
  const count = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (count >= 1 && count <= most) return count;
  throw new UsageError({
    detail: `--${name} is ${quote(value)}; it takes a whole number from 1 to ${most}.`,
    remedy: `Give it one: --${name} ${fallback}`,
  });
}

/** One of `words`. Throws `UsageError`. */
export function flagWord(
  invocation: Invocation,
  name: string,
  words: readonly string[],
): string | undefined {
  const value = flagValue(invocation, name);
  if (value === undefined || words.includes(value)) return value;
  throw unknownWord(name, { value, words });
}

/** `PATH?a=1&b=2`, of what is given. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
