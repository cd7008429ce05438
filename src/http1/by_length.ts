/** What is known about field names, found by the length of a name before its bytes are compared. */
export type ByLength<Known> = readonly (readonly Known[] | undefined)[];

/** Puts `known` into groups: index = length of the name. */
export function byLength<Known extends { readonly name: string }>(
  known: readonly Known[],
): ByLength<Known> {
  const groups: Known[][] = [];
  for (const one of known) (groups[one.name.length] ??= []).push(one);
  // Without holes, which are slow to read.
  return Array.from(groups);
}
