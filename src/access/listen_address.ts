/** Where the program may listen. */
import type { ListenAddress } from "../config/mod.ts";
import { ConfigError } from "../core/mod.ts";
import { isLoopback } from "./host.ts";

/**
 * Lets loopback addresses pass, and Unix sockets, which have mode 0600: whoever reaches the address
 * may start and stop engines, and without tokens nothing asks them who they are. With tokens every
 * address passes.
 *
 * @throws {ConfigError} `config_invalid` for any other address, wildcards included.
 */
export function checkListenAddress(
  address: ListenAddress,
  { hasTokens }: { readonly hasTokens: boolean },
): void {
  if (hasTokens || address.kind === "unix" || isLoopback(address.hostname)) return;
  throw new ConfigError("config_invalid", {
    detail: `The listen address ${address.hostname} can be reached from other machines, ` +
      "and anyone there could start and stop engines.",
    remedy: "Name a file of tokens with --token-file, or use a loopback address, for example " +
      `--listen 127.0.0.1:${address.port}.`,
  });
}
