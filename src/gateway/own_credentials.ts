/**
 * What a request carries for us: our token and our login. An engine gets neither, so that it can't act
 * in the name of who asks it.
 *
 * @module
 */
import { type Tokens, withoutLogins } from "../access/mod.ts";
import type { FieldList } from "../http1/mod.ts";
import type { RequestSkips } from "./hop_by_hop.ts";

/** What of a request goes on to the engine. */
export interface ForEngine {
  readonly skips: RequestSkips;
  /** Goes in place of the `Cookie` fields that stay behind. */
  readonly cookies: readonly string[];
}

/** Leaves behind, beside what `skips` does, what is ours; another `Authorization` or cookie goes on. */
export function withoutOurs(fields: FieldList, skips: RequestSkips, tokens: Tokens): ForEngine {
  const ours = new Set<number>();
  const cookies: string[] = [];
  for (const index of indexes(fields, "authorization")) {
    if (tokens.isIn(fields.text(index))) ours.add(index);
  }
  for (const index of indexes(fields, "cookie")) {
    const field = fields.text(index);
    const rest = withoutLogins(field);
    if (rest === field) continue;
    ours.add(index);
    if (rest !== "") cookies.push(rest);
  }
  if (ours.size === 0) return { skips, cookies };
  return {
    skips: { ...skips, fields: (index) => ours.has(index) || skips.fields(index) },
    cookies,
  };
}

function* indexes(fields: FieldList, name: string): Generator<number, void, void> {
  for (let at = fields.find(name); at >= 0; at = fields.find(name, at + 1)) yield at;
}
