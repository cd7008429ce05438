/**
 * The cookie of who has signed in. Browsers give a host's cookies to all of its ports, so its name
 * carries the port: two supervisors on one host don't overwrite each other's.
 *
 * @module
 */
import type { Scheme } from "../core/mod.ts";

const PREFIX = "ai-engine-login-";

/** `port` is that of the address in the browser. */
export function loginCookieName(port: number): string {
  return `${PREFIX}${port}`;
}

/**
 * Without a date: it ends with the browser's session. No script reads it, no other site sends it, and
 * with `https` it goes nowhere in clear.
 */
export function setLoginCookie(name: string, value: string, scheme: Scheme): string {
  const secure = scheme === "https" ? "; Secure" : "";
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}`;
}

/** Takes the cookie away. */
export function clearLoginCookie(name: string, scheme: Scheme): string {
  return `${setLoginCookie(name, "", scheme)}; Max-Age=0`;
}

/** All values of the cookie `name` in a `Cookie` field: other ports of the host may have set it, too. */
export function cookieValues(field: string, name: string): string[] {
  return pairs(field)
    .filter((pair) => nameOf(pair) === name)
    .map((pair) => pair.slice(pair.indexOf("=") + 1).trim());
}

/**
 * A `Cookie` field without the logins, those of other supervisors on this host too; `field` itself
 * when there is none, and an empty text when nothing is left.
 */
export function withoutLogins(field: string): string {
  if (!field.includes(PREFIX)) return field;
  const others = pairs(field).filter((pair) => !nameOf(pair).startsWith(PREFIX));
  return others.join(";").replaceAll(/^[ \t]+|[ \t]+$/g, "");
}

function pairs(field: string): string[] {
  return field.split(";");
}

function nameOf(pair: string): string {
  const end = pair.indexOf("=");
  return (end < 0 ? pair : pair.slice(0, end)).trim();
}
