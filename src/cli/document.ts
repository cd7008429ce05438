/** The version of the documents that `--json` prints. Fields may be added; none changes or goes. */
const SCHEMA = 1;

/** A document of ours for `--json`: its fields are called as the API calls them. */
export function document<T extends Readonly<Record<string, unknown>>>(
  fields: T,
): { readonly schema: number } & T {
  return { schema: SCHEMA, ...fields };
}
