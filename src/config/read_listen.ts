import { resolve } from "@std/path";
import { UsageError } from "../core/mod.ts";
import { findAll, type Given, readGiven, type SettingSources } from "./given.ts";
import { formatListen, parseListen } from "./parse_listen.ts";
import { quote } from "./quote.ts";
import type { ListenAddress, ListenAddresses } from "./settings.ts";
import { checkSocketPath } from "./socket_path.ts";

/**
 * Where to listen; `undefined` when nothing is given. Throws `ConfigError` about an address that is none, `UsageError` about one that is
 * given twice.
 */
export function readListen(sources: SettingSources): ListenAddresses | undefined {
  const seen = new Set<string>();
  const [first, ...more] = findAll(sources, "listen").map((given) => {
    const address = readAddress(given, sources.cwd);
    const text = formatListen(address);
    if (seen.has(text)) throw givenTwice(given.setting, text);
    // Of free ports there may be as many as are wanted.
    if (address.kind === "unix" || address.port !== 0) seen.add(text);
    return address;
  });
  return first === undefined ? undefined : [first, ...more];
}

function readAddress(given: Given, cwd: string): ListenAddress {
  const address = readGiven(given, parseListen);
  if (address.kind === "tcp") return address;
  const path = resolve(cwd, address.path);
  checkSocketPath(path, given.setting);
  return { kind: "unix", path };
}

function givenTwice(setting: string, address: string): UsageError {
  return new UsageError({
    detail: `${setting} names ${quote(address)} twice.`,
    remedy: "Name each address once.",
  });
}
