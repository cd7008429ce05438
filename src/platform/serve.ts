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
    return toListener((signal) =>
      Deno.serve({ hostname, port, signal, onListen() {}, onError: toBareError }, handler)
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
    return toListener((signal) =>
      Deno.serve({ path, signal, onListen() {}, onError: toBareError }, handler)
    );
  } catch (error) {
    throw refuse(path, setting, `can't be listened on: ${String(error)}`);
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
  try {
    (await systemNet.connectUnix(path)).close();
  } catch (error) {
    if (!(error instanceof DialError) || error.failure !== "refused") throw error;
    await systemFiles.remove(path);
    return;
  }
  throw refuse(path, setting, "is a socket on which another program answers");
}

function refuse(path: string, setting: string, why: string): ConfigError {
  return new ConfigError("port_in_use", {
    detail: `${path} ${why}.`,
    remedy: `Remove it or stop its owner, or set ${setting} to another path.`,
  });
}

function toListener(serve: (signal: AbortSignal) => Deno.HttpServer<Deno.Addr>): HttpListener {
  const abort = new AbortController();
  const server = serve(abort.signal);
  return {
    port: server.addr.transport === "tcp" ? server.addr.port : 0,
    async close(deadlineMs) {
      const timer = setTimeout(() => abort.abort(), deadlineMs);
      await server.shutdown();
      clearTimeout(timer);
    },
  };
}

/** The handler answers its own errors; what gets here is a fault of ours, told without detail. */
function toBareError(): Response {
  return new Response("Internal error\n", { status: 500 });
}
