/** Writes settings as YAML that people like to read. */

export type Writable = string | number | boolean | readonly Writable[] | WritableMap;
export interface WritableMap {
  readonly [name: string]: Writable | undefined;
}

/** What YAML reads as the text it is, without quotes. */
const PLAIN = /^([A-Za-z_/.~][A-Za-z0-9_/.~+:@ -]*|\d+(ms|s|m|h|d))$/;
const NOT_A_TEXT = /^(true|false|null|yes|no|on|off|~)$|:( |$)| $/i;

/** The lines of `map`, whose values of `undefined` are left out. */
export function writeYaml(map: WritableMap, indent = ""): string[] {
  return Object.entries(map).flatMap(([name, value]): string[] => {
    if (value === undefined) return [];
    const key = `${indent}${writeText(name)}:`;
    if (typeof value === "string" && value.trim().includes("\n")) {
      const lines = value.trim().split("\n").map((line) => `${indent}  ${line.trim()}`);
      return [`${key} |`, ...lines];
    }
    if (!isWritableMap(value)) return [`${key} ${writeInline(value)}`];
    return [key, ...writeYaml(value, `${indent}  `)];
  });
}

function isWritableMap(value: Writable): value is WritableMap {
  return typeof value === "object" && !Array.isArray(value);
}

/** In one line. */
function writeInline(value: Writable): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return writeText(value.trim());
  if (!isWritableMap(value)) return `[${value.map(writeInline).join(", ")}]`;
  const entries = Object.entries(value).flatMap(([name, one]) =>
    one === undefined ? [] : [`${writeText(name)}: ${writeInline(one)}`]
  );
  return `{ ${entries.join(", ")} }`;
}

function writeText(text: string): string {
  return PLAIN.test(text) && !NOT_A_TEXT.test(text) ? text : JSON.stringify(text);
}
