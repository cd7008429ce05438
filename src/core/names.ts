/** Names of engines: `[a-z0-9][a-z0-9._-]{0,62}`. */

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export function isEngineName(text: string): boolean {
  return NAME.test(text);
}

/**
 * Makes a file's base name fit to be an engine's name: lower case, the extension dropped, anything
 * else replaced by `-`. Falls back to `engine` when nothing is left.
 *
 * @example
 * ```ts
 * import { toEngineName } from "./names.ts";
 * toEngineName("My Server.py"); // "my-server"
 * ```
 */
export function toEngineName(baseName: string): string {
  const name = baseName
    .replace(/(?!^)\.[A-Za-z0-9]{1,5}$/, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "")
    .slice(0, 63)
    .replace(/[._-]+$/, "");
  return name === "" ? "engine" : name;
}
