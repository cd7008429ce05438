import { ConfigError } from "../core/mod.ts";
import { quote } from "./quote.ts";

/** The longest path a Unix socket can have: `sun_path` of 108 bytes with its closing NUL. */
export const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Refuses a path that no Unix socket can have. `setting` names where it came from, e.g.
 * `--engine-socket` or `XDG_RUNTIME_DIR`. Throws `ConfigError`.
 */
export function checkSocketPath(path: string, setting: string): void {
  const bytes = new TextEncoder().encode(path).length;
  if (bytes > MAX_SOCKET_PATH_BYTES) {
    throw new ConfigError("config_invalid", {
      detail:
        `The socket path ${quote(path)} that ${setting} leads to has ${bytes} bytes, and the ` +
        `system takes at most ${MAX_SOCKET_PATH_BYTES}.`,
      remedy: `Set ${setting} to a shorter path, for example one under /tmp.`,
    });
  }
  if (path === "" || path.includes("\0")) {
    throw new ConfigError("config_invalid", {
      detail: `${setting} is ${quote(path)}, which is not a path.`,
      remedy: `Set ${setting} to the path of a socket, for example /tmp/ai-engine.sock.`,
    });
  }
}
