/**
 * What can be asked for without a token, and with which role. Everything that is not named here needs
 * an admin's.
 *
 * Paths are looked at as they were sent. What answers may read them in another way (a URL follows dot
 * segments, a router decodes), so that only those are taken that can be read in one way.
 *
 * @module
 */

/** Who may reach what: `admin` everything, `inference` the engines themselves. */
export type Role = "admin" | "inference";

export const ROLES: readonly Role[] = ["admin", "inference"];

/** Where a person signs in and out. */
export const LOGIN_PATH = "/login";
export const LOGOUT_PATH = "/logout";

/** A file of the pages. */
const ASSET = /^\/assets\/[0-9a-f]+\/[a-z]+\.[a-z]+$/;

/** What would lead a URL out of the folder it begins with, or ends its path. */
const LEAVES = /[\\#]|\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Whether a request needs no token: whether the program is there, and what signing in takes. */
export function isOpen(method: string, path: string): boolean {
  if (method === "POST") return path === LOGIN_PATH || path === LOGOUT_PATH;
  if (method !== "GET" && method !== "HEAD") return false;
  return path === "/health" || path === LOGIN_PATH || ASSET.test(path);
}

/** Whether `role` may ask for `path`. */
export function reaches(role: Role, path: string): boolean {
  return role === "admin" || isOfEngines(path);
}

/** What pages of other origins may be let into: never our pages, on which a person acts. */
export function isForOthers(path: string): boolean {
  return isOfEngines(path) || (path.startsWith("/api/") && !LEAVES.test(path));
}

/** What goes to an engine: under `/upstream/` byte for byte, so that no spelling of it leads elsewhere. */
function isOfEngines(path: string): boolean {
  if (path.startsWith("/upstream/")) return true;
  return path === "/v1" || (path.startsWith("/v1/") && !LEAVES.test(path));
}
