/**
 * Who may ask for anything at all, decided on a request's head before it is dispatched.
 *
 * A loopback address is no border: a page of any site can send requests to it, and a name under an
 * attacker's control can be made to point at it (DNS rebinding). So a TCP request must name us as
 * its host, and a browser's request must come from our own pages. The same holds on a Unix socket
 * that `--listen` names: no browser reaches it by itself, but a proxy in front may bring them. Where
 * tokens are set, a request needs one, too.
 *
 * @module
 */
import { AccessError, type ListenerAddress, RequestError, type Scheme } from "../core/mod.ts";
import { type HostAndPort, isIpLiteral, isWildcard, parseHost, portOf } from "./host.ts";
import { isForOthers, isOpen, LOGIN_PATH, reaches } from "./reach.ts";
import type { Credentials, Tokens } from "./tokens.ts";

/** Where a request came in. The control socket is a file of mode 0600: its mode is its rule. */
export type Listener = ListenerAddress | { readonly kind: "control" };

/** The parts of a request's head that the decision reads; `null` for a field that is not there. */
export interface AccessHead extends Credentials {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  /** Several `Host` lines joined with a comma are refused as one odd host. */
  readonly host: string | null;
  /** Host and port of an absolute-form target; it counts instead of `Host` (RFC 9112 3.2.2). */
  readonly authority: string | null;
  /** Several lines joined with a comma are no token. */
  readonly authorization: string | null;
  readonly cookie: string | null;
  readonly origin: string | null;
  readonly secFetchSite: string | null;
  readonly secFetchMode: string | null;
  readonly secFetchDest: string | null;
  /** Set when the request went through a proxy (RFC 9110 section 7.6.3). */
  readonly via: string | null;
  /** `Access-Control-Request-Method`. @default `null` */
  readonly preflightFor?: string | null;
}

/** What holds where a request comes in. */
export interface AccessRules {
  readonly listener: Listener;
  /** Of which a request needs one. @default none: it needs none */
  readonly tokens?: Tokens | null;
  /**
   * Names, in lower case and without a port, that are ours, too; a proxy may speak TLS for them.
   * @default none
   */
  readonly hosts?: ReadonlySet<string>;
  /** Origins whose pages may use the engines and the API. @default none but our own */
  readonly origins?: ReadonlySet<string>;
}

/** How what comes in there is addressed. */
export function schemeOf({ kind }: Listener): Scheme {
  return kind === "tls" ? "https" : "http";
}

export type Decision =
  | { readonly kind: "ok" }
  /** A browser asks whether a page of an origin that may do so may send a request. It may. */
  | { readonly kind: "preflight" }
  | { readonly kind: "refused"; readonly error: AccessError | RequestError };

/** The pages: another site may link to them. Reading a page changes nothing. */
const PAGE = /^\/(?:config|events|login|logs|requests|engines\/[a-z0-9][a-z0-9._-]*)?$/;

const NONE: ReadonlySet<string> = new Set();

const OK: Decision = { kind: "ok" };
const PREFLIGHT: Decision = { kind: "preflight" };

/**
 * - On the control socket only what a proxy has sent on: `loop_detected` (508).
 * - No host, two hosts, or something that is no host: `bad_request` (400, RFC 9112 section 3.2).
 * - A host that is neither loopback nor the address the request came to nor one of `hosts`:
 *   `wrong_host` (421).
 * - A foreign `Origin` (`null` too) that is not one of `origins`, or a `Sec-Fetch-Site` other than
 *   `same-origin` and `none`: `forbidden_origin` (403), except for a GET that navigates to a page.
 * - No token though one is needed: `unauthorized` (401); one that is not good for this:
 *   `forbidden_role` (403).
 */
export function decide(head: AccessHead, rules: AccessRules): Decision {
  const { listener } = rules;
  if (listener.kind === "control") return head.via === null ? OK : passedOn();
  const refused = decideHost(head, { listener, hosts: rules.hosts ?? NONE });
  if (refused !== undefined) return refused;
  if (openedTo(head, rules) === null) {
    return decideOrigin(head, { listener, hosts: rules.hosts ?? NONE }) ??
      decideRole(head, rules) ?? OK;
  }
  // It carries no token, and what comes after it does.
  const isPreflight = head.method === "OPTIONS" && (head.preflightFor ?? null) !== null;
  return isPreflight ? PREFLIGHT : decideRole(head, rules) ?? OK;
}

/** The other origin whose page sends the request, if it may; its browser is to be told so. */
export function openedTo(
  head: Pick<AccessHead, "origin" | "path">,
  { listener, origins = NONE }: AccessRules,
): string | null {
  if (origins.size === 0 || listener.kind === "control") return null;
  const { origin } = head;
  return origin !== null && origins.has(origin) && isForOthers(head.path) ? origin : null;
}

/**
 * The control socket is for commands of this user's. What an engine's socket leads back to it by a link,
 * our own gateway has sent on.
 */
function passedOn(): Decision {
  const error = new RequestError("loop_detected", {
    detail: "The request was sent on by a proxy (Via), and the control socket takes none of those.",
    remedy: "Use an address of --listen; see whether the socket of an engine is a link.",
  });
  return { kind: "refused", error };
}

/** Where a request came in, and what else that is called. */
interface Names {
  readonly listener: ListenerAddress;
  readonly hosts: ReadonlySet<string>;
}

function decideHost(head: AccessHead, names: Names): Decision | undefined {
  const refused = decideOneHost(head.host, names);
  if (refused !== undefined || head.authority === null) return refused;
  return decideOneHost(head.authority, names);
}

function decideOneHost(text: string | null, { listener, hosts }: Names): Decision | undefined {
  const host = text === null ? undefined : parseHost(text);
  if (host === undefined) return badHost(text);
  if (isServed(host, listener) || hosts.has(host.hostname)) return undefined;
  return wrongHost(host.hostname, listener);
}

function isServed({ hostname, isLoopback }: HostAndPort, address: ListenerAddress): boolean {
  if (isLoopback) return true;
  if (address.kind === "unix") return false;
  // Nobody can make an address point elsewhere, as can be done with a name.
  return isWildcard(address.hostname)
    ? isIpLiteral(hostname)
    : hostname === literal(address.hostname);
}

function decideOrigin(head: AccessHead, names: Names): Decision | undefined {
  const isNavigation = head.method === "GET" && head.secFetchMode === "navigate" &&
    head.secFetchDest === "document";
  if (isNavigation && PAGE.test(head.path)) return undefined;
  if (head.origin !== null && !isOwnOrigin(head.origin, head.authority ?? head.host, names)) {
    return forbidden("The request comes from a page of another site.");
  }
  const site = head.secFetchSite;
  if (site !== null && site !== "same-origin" && site !== "none") {
    return forbidden("The browser says that the request comes from another site.");
  }
  return undefined;
}

/**
 * An origin is ours when it is what is spoken here, plain HTTP or HTTPS, with the very host and port the
 * request was sent to; for the `hosts` that are ours by name also HTTPS, as a proxy before us may speak
 * it. Where TLS is spoken plain HTTP is somebody else's, who is between us and the client.
 */
function isOwnOrigin(origin: string, host: string | null, { listener, hosts }: Names): boolean {
  const [, secure, name] = /^http(s?):\/\/([^/?#]+)$/.exec(origin) ?? [];
  const scheme = secure === "s" ? "https" : "http";
  const from = name === undefined ? undefined : parseHost(name);
  const to = host === null ? undefined : parseHost(host);
  if (from === undefined || to === undefined || from.hostname !== to.hostname) return false;
  // A proxy before us speaks what its origin says, to the host as it is named.
  const isOurs = scheme === schemeOf(listener) ||
    (scheme === "https" && hosts.has(from.hostname));
  return portOf(from, scheme) === portOf(to, scheme) && isOurs;
}

function decideRole(
  head: AccessHead,
  { listener, tokens = null }: AccessRules,
): Decision | undefined {
  if (tokens === null || isOpen(head.method, head.path)) return undefined;
  const role = tokens.roleOf(head, schemeOf(listener));
  if (role === undefined) return unauthorized(head);
  return reaches(role, head.path) ? undefined : forbiddenRole();
}

/** How an address stands in a `Host` header. */
function literal(hostname: string): string {
  const name = hostname.toLowerCase();
  return name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
}

function badHost(text: string | null): Decision {
  const error = new RequestError("bad_request", {
    detail: text === null
      ? "The request has no Host header."
      : "The Host header of the request does not name exactly one host.",
    remedy: "Send one Host header with a host and, if needed, a port.",
  });
  return { kind: "refused", error };
}

function wrongHost(hostname: string, address: ListenerAddress): Decision {
  const error = new AccessError("wrong_host", {
    detail: `This program does not answer for the host ${hostname}.`,
    remedy: howToName(address),
  });
  return { kind: "refused", error };
}

function howToName(address: ListenerAddress): string {
  if (address.kind === "unix") return "Name localhost as the host, as in http://localhost/.";
  const { hostname, port } = address;
  return isWildcard(hostname)
    ? `Name this machine by its IP address, with the port ${port}.`
    : `Open ${schemeOf(address)}://${literal(hostname)}:${port}/ instead.`;
}

function forbidden(detail: string): Decision {
  const error = new AccessError("forbidden_origin", {
    detail,
    remedy: "Use this program's own page, or a client that is not a web page.",
  });
  return { kind: "refused", error };
}

function unauthorized({ authorization, cookie }: AccessHead): Decision {
  const hasNone = authorization === null && cookie === null;
  const error = new AccessError("unauthorized", {
    detail: hasNone
      ? "This program asks for a token, and the request has none."
      : "This program asks for a token, and the request has none that it knows.",
    remedy: "Send the header `Authorization: Bearer TOKEN` with a token of the file that " +
      `--token-file names, or sign in at ${LOGIN_PATH} with a browser.`,
  });
  return { kind: "refused", error };
}

function forbiddenRole(): Decision {
  const error = new AccessError("forbidden_role", {
    detail: "The token of the request is for inference, which reaches /v1 and /upstream only.",
    remedy: "Use an admin token for everything else.",
  });
  return { kind: "refused", error };
}
