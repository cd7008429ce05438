/**
 * The value of a `Host` header, taken apart strictly.
 *
 * @module
 */
import type { Scheme } from "../core/mod.ts";

/** A host as it was written, in lower case, and the port; `null` = that of the scheme. */
export interface HostAndPort {
  readonly hostname: string;
  readonly port: number | null;
  /** See {@linkcode isLoopback}. */
  readonly isLoopback: boolean;
}

/** A registered name, a dotted address, or an IPv6 literal in brackets; then perhaps a port. */
const HOST = /^([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(\d{0,5}))?$/;

/** Clients name the same host again and again, and to take it apart costs as much as a head. */
let last: { readonly text: string; readonly host: HostAndPort | undefined } = {
  text: "",
  host: undefined,
};

/**
 * Takes `Host` apart (RFC 9110 section 7.2): `undefined` for what is not one host with at most one
 * port, such as user info, a path, white space, or two values joined by a comma.
 */
export function parseHost(text: string): HostAndPort | undefined {
  if (text !== last.text) last = { text, host: takeApart(text) };
  return last.host;
}

function takeApart(text: string): HostAndPort | undefined {
  const match = HOST.exec(text.toLowerCase());
  const hostname = match?.[1];
  if (hostname === undefined) return undefined;
  const port = match?.[2] ? Number(match[2]) : null;
  if (port !== null && port > 65_535) return undefined;
  return { hostname, port, isLoopback: isLoopback(hostname) };
}

/** The port that is meant where `scheme` is spoken. */
export function portOf({ port }: Pick<HostAndPort, "port">, scheme: Scheme): number {
  return port ?? (scheme === "https" ? 443 : 80);
}

/**
 * Whether `hostname` names this machine and nothing else: `localhost`, four decimal numbers that
 * begin with 127, or `::1` with or without brackets.
 *
 * Names below `localhost` and other spellings of the addresses are left out on purpose: some
 * resolvers ask the network about the first, and no browser sends the second.
 */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase();
  if (name === "localhost" || name === "::1" || name === "[::1]") return true;
  const parts = name.split(".");
  return parts.length === 4 && parts[0] === "127" &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** Whether a program that listens on `hostname` listens on every address of the machine. */
export function isWildcard(hostname: string): boolean {
  return ["0.0.0.0", "::", "[::]"].includes(hostname);
}

/** Whether `hostname`, as {@linkcode parseHost} gives it, is an address and no name. */
export function isIpLiteral(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}
