import type { EngineAddress } from "./ports.ts";

/** An address as it is told: a path, or HOST:PORT. */
export function formatAddress(address: EngineAddress): string {
  if (address.kind === "unix" || address.kind === "pipe") return address.path;
  const { hostname, port } = address;
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
