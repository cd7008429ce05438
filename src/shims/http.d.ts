/**
 * The one of `types` that `request` would rather have, the first of those that are as welcome;
 * `undefined` when it takes none of them.
 */
export declare function accepts(
  request: { readonly headers: Headers },
  ...types: string[]
): string | undefined;
