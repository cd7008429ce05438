import type { ListenerAddress } from "../core/mod.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";
import { DEFAULT_LISTEN, type ListenAddress } from "./settings.ts";

/** What a path begins with, to be told from a host. */
const UNIX = "unix:";
const MAX_PORT = 65_535;
const EXAMPLE = formatListen(DEFAULT_LISTEN);

/** An address as {@linkcode parseListen} reads it. */
export function formatListen(address: ListenAddress | ListenerAddress): string {
  if (address.kind === "unix") return `${UNIX}${address.path}`;
  const { hostname, port } = address;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`; port 0 means any free one, and the path may be
 * relative still. Whether it may be listened on is for `access` to say.
 */
export function parseListen(text: string): Parsed<ListenAddress> {
  return text.startsWith(UNIX) ? parseUnix(text.slice(UNIX.length)) : parseTcp(text);
}

function parseUnix(path: string): Parsed<ListenAddress> {
  if (path !== "" && !path.includes("\0")) return accept({ kind: "unix", path });
  return refuse(
    "which names no path",
    "Write the path of a socket",
    "unix:/tmp/ai-engine-api.sock",
  );
}

function parseTcp(text: string): Parsed<ListenAddress> {
  if (/^\d+$/.test(text)) {
    const example = Number(text) > MAX_PORT ? EXAMPLE : `127.0.0.1:${text}`;
    return refuse("which has no host", "Write a host and a port", example);
  }
  const match = /^(?:\[([^\[\]]*)\]|([^:\[\]]*)):(\d+)$/.exec(text);
  if (match === null) {
    const why = "where HOST:PORT or unix:PATH is expected";
    return refuse(why, "Write a host and a port, or the path of a socket", EXAMPLE);
  }
  const port = Number(match[3]);
  if (port > MAX_PORT) {
    return refuse("whose port is over 65535", "Take a port from 0 to 65535", EXAMPLE);
  }
  const hostname = match[1] === undefined ? readName(match[2] ?? "") : readV6(match[1]);
  if (hostname === undefined) {
    return refuse("whose host can't be one", "Write a name or an address", `127.0.0.1:${port}`);
  }
  return accept({ kind: "tcp", hostname, port });
}

/** A name, or an IPv4 address as four decimal numbers. */
function readName(host: string): string | undefined {
  if (!/^[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?$/i.test(host)) return undefined;
  if (/[^0-9.]/.test(host)) return host.toLowerCase();
  const parts = host.split(".");
  const isAddress = parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return isAddress ? host : undefined;
}

/** An IPv6 address in its shortest form. */
function readV6(host: string): string | undefined {
  if (!/^[0-9a-f:.]+$/i.test(host) || !URL.canParse(`http://[${host}]/`)) return undefined;
  return new URL(`http://[${host}]/`).hostname.slice(1, -1);
}
