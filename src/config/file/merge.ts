/** A plain object: groups and maps, never a list. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `over` upon `base`, level by level; a list or a single value stands instead of the one below it. */
export function merge<T>(base: T, over: unknown): T {
  if (!isPlain(base) || !isPlain(over)) return over as T;
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    merged[name] = Object.hasOwn(base, name) ? merge(base[name], value) : value;
  }
  return merged as T;
}
