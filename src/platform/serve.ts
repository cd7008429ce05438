/** Listeners: HTTP on a TCP address or on a Unix socket, carried by `Deno.serve`. */
import { clearStaleSocket, type TcpAddress, tcpFailure, unixFailure } from "./listen.ts";

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
    throw tcpFailure(address, error);
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
    throw unixFailure(path, setting, error);
  } finally {
    Deno.umask(umask);
  }
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
