/** Listeners: connections coming in on a TCP address or on a Unix socket. */
import {
  type AcceptedStream,
  ConfigError,
  DialError,
  type ListenerAddress,
  type StreamListener,
} from "../core/mod.ts";
import { join } from "@std/path";
import { AcceptedConn } from "./conn_stream.ts";
import { systemFiles } from "./files.ts";
import { lackOf } from "./lack.ts";
import { systemNet } from "./net.ts";

/** `port` 0 takes any free one. */
export interface TcpAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Listens on `address`. Throws `port_in_use`, naming the setting. */
export function openTcpListener(address: TcpAddress): StreamListener {
  const { hostname, port } = address;
  try {
    const listener = Deno.listen({ hostname, port });
    return new SystemListener(listener, { kind: "tcp", hostname, port: listener.addr.port });
  } catch (error) {
    throw tcpFailure(address, error);
  }
}

/** Who speaks no TLS does not load what does. */
export function loadTls(): Promise<typeof import("./tls.ts")> {
  return import("./tls.ts");
}

/** Listens on a Unix socket of mode 0600. A stale socket of ours is removed, nothing else. */
export async function openUnixListener(path: string, setting: string): Promise<StreamListener> {
  await clearStaleSocket(path, setting);
  // The socket is made while `listen` is called, so the umask is back before anything else runs.
  const umask = Deno.umask(0o177);
  try {
    const listener = Deno.listen({ transport: "unix", path });
    return new SystemListener(listener, { kind: "unix", path });
  } catch (error) {
    throw unixFailure(path, setting, error);
  } finally {
    Deno.umask(umask);
  }
}

/** What an accept fails with when its client has reset the connection before. */
const GONE = [
  Deno.errors.NotConnected,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
] as const;

class SystemListener implements StreamListener {
  readonly address: ListenerAddress;
  readonly #listener: Deno.TcpListener | Deno.UnixListener;
  #isOpen = true;

  constructor(listener: Deno.TcpListener | Deno.UnixListener, address: ListenerAddress) {
    this.#listener = listener;
    this.address = address;
  }

  async accept(): Promise<AcceptedStream | null> {
    for (;;) {
      try {
        return new AcceptedConn(await this.#listener.accept());
      } catch (error) {
        if (!this.#isOpen) return null;
        // That client has left already, which says nothing of the next one.
        if (!GONE.some((known) => error instanceof known)) throw error;
      }
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#listener.close();
  }
}

/** Why `address` can't be listened on. */
function tcpFailure({ hostname, port }: TcpAddress, error: unknown): ConfigError {
  const where = `${hostname}:${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return new ConfigError("port_in_use", {
      detail: `${where} is in use by another program.`,
      remedy: "Stop that program, or set `--listen` (AI_ENGINE_LISTEN) to another address.",
      cause: error,
    });
  }
  if (lackOf(error) === "descriptors") return noDescriptors(where, error);
  return new ConfigError("config_invalid", {
    detail: `Can't listen on ${where} (--listen): ${String(error)}.`,
    remedy: "Set `--listen` (AI_ENGINE_LISTEN) to an address of this machine and a port over 1023.",
    cause: error,
  });
}

function noDescriptors(where: string, cause: unknown): ConfigError {
  return new ConfigError("config_invalid", {
    detail: `Can't listen on ${where}: this program may not open any more descriptors.`,
    remedy: "Raise the limit (`ulimit -n`) before it is started.",
    cause,
  });
}

/** Why the socket at `path` can't be listened on. */
function unixFailure(path: string, setting: string, error: unknown): ConfigError {
  if (error instanceof Deno.errors.AddrInUse) {
    return refuse(path, setting, "is a socket on which another program answers");
  }
  if (lackOf(error) === "descriptors") return noDescriptors(path, error);
  return new ConfigError("config_invalid", {
    detail: `Can't listen on ${path} (${setting}): ${String(error)}.`,
    remedy: `Set ${setting} to a path in a directory of yours.`,
    cause: error,
  });
}

/** Makes room at `path`: removes a socket of ours on which nobody listens, refuses all else. */
async function clearStaleSocket(path: string, setting: string): Promise<void> {
  const info = await systemFiles.info(path);
  if (info === null) return;
  if (info.kind !== "socket" || info.uid !== systemFiles.uid) {
    throw refuse(path, setting, "is there already, and is not a socket of yours");
  }
  if (await isAnswered(path)) {
    throw refuse(path, setting, "is a socket on which another program answers");
  }
  await systemFiles.remove(path);
}

/** Removes the sockets of engines in `dir` that a program before has left; for the holder of its lock. */
export async function removeStaleSockets(dir: string): Promise<void> {
  for await (const { name } of Deno.readDir(dir)) {
    if (!/^engine-.*\.sock(~\d+)?(\.frames)?$/.test(name)) continue;
    // What is not ours, or is answered, stays: the start of that engine says so.
    await clearStaleSocket(join(dir, name), "XDG_RUNTIME_DIR").catch(() => {});
  }
}

/** Only a refused connect tells that nobody listens; whatever else happens, somebody may. */
export async function isAnswered(path: string): Promise<boolean> {
  try {
    (await systemNet.connectUnix(path)).close();
    return true;
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    return error.failure !== "refused" && error.failure !== "no_socket";
  }
}

function refuse(path: string, setting: string, why: string): ConfigError {
  return new ConfigError("port_in_use", {
    detail: `${path} ${why}.`,
    remedy: `Remove it or stop its owner, or set ${setting} to another path.`,
  });
}
