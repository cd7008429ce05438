import type { SettingName, SettingSources } from "../../../src/config/mod.ts";

export type Flags = Readonly<Partial<Record<SettingName, string>>>;

/** Flags of which each was given once. */
export function givenOnce(flags: Flags): SettingSources["flags"] {
  return Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, [value]]));
}
