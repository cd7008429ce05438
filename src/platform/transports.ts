/** Ways to engines, whatever they listen on. What few engines need is loaded with the first of them. */
import {
  type ByteStream,
  DialError,
  type DialFailure,
  type EngineAddress,
  formatAddress,
  SpawnError,
  type Transport,
  type Transports,
} from "../core/mod.ts";
import { ConnStream } from "./conn_stream.ts";
import { lackOf } from "./lack.ts";
import { systemNet } from "./net.ts";

const LOOPBACK = "127.0.0.1";

/** So many ports are not given again at once: who was to listen there may not do so yet. */
const KEPT_PORTS = 64;

/** Last given last. */
const given: number[] = [];

export const systemTransports: Transports = {
  to: (address) => new SystemTransport(address),
  freePort() {
    for (;;) {
      const port = anyPort();
      if (given.includes(port)) continue;
      given.push(port);
      if (given.length > KEPT_PORTS) given.shift();
      return port;
    }
  },
  isTaken(port) {
    try {
      // Fails also where somebody listens on all addresses.
      Deno.listen({ hostname: LOOPBACK, port }).close();
      return false;
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) return true;
      throw noPort(error);
    }
  },
};

function anyPort(): number {
  try {
    const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
    const { port } = listener.addr;
    listener.close();
    return port;
  } catch (error) {
    throw noPort(error);
  }
}

class SystemTransport implements Transport {
  readonly name: string;
  readonly #address: EngineAddress;

  constructor(address: EngineAddress) {
    this.#address = address;
    this.name = formatAddress(address);
  }

  connect(): Promise<ByteStream> {
    const address = this.#address;
    return address.kind === "unix" ? systemNet.connectUnix(address.path) : this.#connect(address);
  }

  async #connect(address: Exclude<EngineAddress, { kind: "unix" }>): Promise<ByteStream> {
    try {
      if (address.kind === "pipe") {
        const { connectPipe } = await import("./pipe_stream.ts");
        return await connectPipe(address.path);
      }
      return await connectTcp(address);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new DialError(failureOf(error), `Can't connect to ${this.name}: ${detail}`, error);
    }
  }
}

async function connectTcp(
  address: Extract<EngineAddress, { kind: "tcp" | "tls" }>,
): Promise<ByteStream> {
  const { hostname, port } = address;
  if (address.kind === "tcp") {
    const conn = await Deno.connect({ hostname, port });
    conn.setNoDelay(true);
    return new ConnStream(conn);
  }
  const caCerts = address.caFile === null ? [] : [await readAuthority(address.caFile)];
  const conn = await Deno.connectTls({ hostname, port, caCerts });
  try {
    await conn.handshake();
    return new ConnStream(conn);
  } catch (error) {
    conn.close();
    throw error;
  }
}

/** Read with each connection: who renews it need not restart us. */
async function readAuthority(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw lackOf(error) === null ? new Error(`the certificate file ${path}: ${error}`) : error;
  }
}

function failureOf(error: unknown): DialFailure {
  if (lackOf(error) === "descriptors") return "no_descriptors";
  const { code = "", message = "" } = error as {
    readonly code?: string;
    readonly message?: string;
  };
  if (error instanceof Deno.errors.ConnectionRefused || code === "ECONNREFUSED") {
    return "not_listening";
  }
  if (error instanceof Deno.errors.NotFound || code === "ENOENT") return "no_socket";
  if (/failed to lookup address|ENOTFOUND|No address associated/.test(message)) {
    return "unknown_host";
  }
  return /certificate|UnknownIssuer|NotValidForName/i.test(message) ? "bad_certificate" : "other";
}

function noPort(error: unknown): SpawnError {
  const isLack = lackOf(error) === "descriptors";
  return new SpawnError({
    detail: `No port of ${LOOPBACK} can be taken for it: ${String(error)}.`,
    remedy: isLack
      ? "Close connections to this program, or run it with a higher `ulimit -n`."
      : "See whether this machine lets programs listen on 127.0.0.1.",
    cause: error,
  }, isLack ? "descriptors" : "program");
}
