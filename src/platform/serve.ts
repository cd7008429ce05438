/** Listeners: HTTP on a TCP address or on a Unix socket, carried by `Deno.serve`. */
import { ConfigError, DialError } from "../core/mod.ts";
import { systemFiles } from "./files.ts";
import { systemNet } from "./net.ts";

/** `port` 0 takes any free one. */
export interface TcpAddress {
  readonly hostname: string;
  readonly port: number;
}

export type HttpHandler = (request: Request) => Promise<Response>;

export interface HttpListener {
  /** The port really used; 0 for a Unix socket. */
  readonly port: number;
  /** Takes no new connection; resolves when requests in flight have ended or `deadlineMs` is over. */
  close(deadlineMs: number): Promise<void>;
}

/** Listens on `address`. Throws `port_in_use`, naming the setting. */
export function listenTcp(address: TcpAddress, handler: HttpHandler): HttpListener {
  const { hostname, port } = address;
  try {
    return toListener(
      Deno.serve({ hostname, port, onListen() {}, onError: toBareError }, handler),
    );
  } catch (error) {
    const where = `${hostname}:${port}`;
    if (error instanceof Deno.errors.AddrInUse) {
      throw new ConfigError("port_in_use", {
        detail: `${where} is in use by another program.`,
        remedy: "Stop that program, or set `--listen` (AI_ENGINE_LISTEN) to another address.",
        cause: error,
      });
    }
    throw new ConfigError("config_invalid", {
      detail: `Can't listen on ${where} (--listen): ${String(error)}.`,
      remedy:
        "Set `--listen` (AI_ENGINE_LISTEN) to an address of this machine and a port over 1023.",
      cause: error,
    });
  }
}

/** Listens on a Unix socket of mode 0600. A stale socket of ours is removed, nothing else. */
export async function listenUnix(
  path: string,
  setting: string,
  handler: HttpHandler,
): Promise<HttpListener> {
  await clearStaleSocket(path, setting);
  // Deno.serve makes the socket while it is called, so the umask is back before anything else runs.
  const umask = Deno.umask(0o177);
  try {
    return toListener(Deno.serve({ path, onListen() {}, onError: toBareError }, handler));
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw refuse(path, setting, "is a socket on which another program answers");
    }
    throw new ConfigError("config_invalid", {
      detail: `Can't listen on ${path} (${setting}): ${String(error)}.`,
      remedy: `Set ${setting} to a path in a directory of yours.`,
      cause: error,
    });
  } finally {
    Deno.umask(umask);
  }
}

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

/** Only a refused connect tells that nobody listens; whatever else happens, somebody may. */
async function isAnswered(path: string): Promise<boolean> {
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

function toListener(server: Deno.HttpServer<Deno.Addr>): HttpListener {
  return {
    port: server.addr.transport === "tcp" ? server.addr.port : 0,
    async close(deadlineMs) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, deadlineMs);
      });
      try {
        // A request that outlasts the deadline goes down with the process: once a shutdown has
        // begun, Deno.serve can't be aborted any more (`BadResource` in 2.6.10 and 2.9.6).
        await Promise.race([server.shutdown(), deadline]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** The handler answers its own errors; what gets here is a fault of ours, told without detail. */
function toBareError(): Response {
  return new Response("Internal error\n", { status: 500 });
}
