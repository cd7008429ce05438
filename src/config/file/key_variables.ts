import type { FileOrigins } from "../loaded_config.ts";
import { isSecretName } from "./secret_name.ts";

const CREDENTIALS = /^(proxy-)?authorization$|^cookie$/i;
const HEADER = /\.headers\.([^.]+)$/;
const VARIABLE = /\$\{env\.([^{}]+)\}/g;

/**
 * Variables of the environment that are keys for engines elsewhere: no other engine is to inherit them.
 * One that only happens to stand in a header (`X-User: ${env.USER}`) is none.
 */
export function keyVariables(origins: FileOrigins): readonly string[] {
  const names = Object.entries(origins).flatMap(([setting, { shown = "" }]) => {
    const header = HEADER.exec(setting)?.[1];
    if (header === undefined) return [];
    const isKey = CREDENTIALS.test(header) || isSecretName(header);
    return Array.from(shown.matchAll(VARIABLE), ([, name = ""]) => name)
      .filter((name) => isKey || isSecretName(name));
  });
  return [...new Set(names)];
}
