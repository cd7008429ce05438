/** A front that speaks TLS on a real socket, and its clients. */
import { assert } from "@std/assert";
import type { TlsIdentity } from "../../../src/core/mod.ts";
import { Front } from "../../../src/front/mod.ts";
import { loadTls, openTcpListener, SystemClock } from "../../../src/platform/mod.ts";
import { frontOptions, type FrontWorldOptions } from "./front_world.ts";
import { send } from "./raw_client.ts";

const HOSTNAME = "127.0.0.1";

export class TlsFront implements AsyncDisposable {
  readonly clock = new SystemClock();
  readonly faults: unknown[] = [];
  readonly front: Front;
  readonly port: number;
  /** What new connections are shown. */
  identity: TlsIdentity;
  readonly #authority: string;
  readonly #socketsBefore = openSockets();

  private constructor(
    { withTls }: Awaited<ReturnType<typeof loadTls>>,
    { server, authority }: { readonly server: TlsIdentity; readonly authority: string },
    { forward, ...options }: FrontWorldOptions,
  ) {
    this.identity = server;
    this.#authority = authority;
    this.front = new Front({
      ...frontOptions(this.faults, forward, this.clock),
      clock: this.clock,
      ...options,
    });
    const source = openTcpListener({ hostname: HOSTNAME, port: 0 });
    const listener = withTls(source, () => this.identity);
    const { address } = listener;
    if (address.kind !== "tls") throw new TypeError("not a listener that speaks TLS");
    this.port = address.port;
    this.front.listen(listener, address);
  }

  static async open(
    made: { readonly server: TlsIdentity; readonly authority: string },
    options: FrontWorldOptions = {},
  ): Promise<TlsFront> {
    return new TlsFront(await loadTls(), made, options);
  }

  get url(): string {
    return `https://${HOSTNAME}:${this.port}`;
  }

  /** How many handshakes have come to nothing. */
  get failed(): number | undefined {
    return this.front.bounds().find(({ name }) => name === "handshake_ms")?.refused;
  }

  async connect(alpnProtocols: string[] = ["http/1.1"]): Promise<Deno.TlsConn> {
    const caCerts = [this.#authority];
    return await Deno.connectTls({ hostname: HOSTNAME, port: this.port, caCerts, alpnProtocols });
  }

  /** Without TLS. */
  connectPlain(): Promise<Deno.TcpConn> {
    return Deno.connect({ hostname: HOSTNAME, port: this.port });
  }

  client(): Deno.HttpClient {
    return Deno.createHttpClient({ caCerts: [this.#authority] });
  }

  /** Nothing may be left of any client, whatever it did. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.front.drain(1_000);
    this.clock.close();
    await eventuallyAtMost(this.#socketsBefore);
  }
}

/** Sockets that this process has; 0 where that can't be told. */
export function openSockets(): number {
  const dir = "/proc/self/fd";
  if (Deno.build.os !== "linux") return 0;
  return Array.from(Deno.readDirSync(dir)).filter(({ name }) => {
    try {
      return Deno.readLinkSync(`${dir}/${name}`).startsWith("socket:");
    } catch {
      // It was closed meanwhile.
      return false;
    }
  }).length;
}

/** Waits until no more than `count` sockets are open. */
export async function eventuallyAtMost(count: number): Promise<void> {
  const until = performance.now() + 10_000;
  while (openSockets() > count) {
    assert(performance.now() < until, `${openSockets()} sockets are open, ${count} were before`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * What is read of `conn` up to its end, which is closed then; `isTold` = the end was announced, as TLS
 * has it (`close_notify`).
 */
export async function readToEnd(
  conn: Deno.Conn,
): Promise<{ readonly text: string; readonly isTold: boolean }> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    for (let count; (count = await conn.read(buffer)) !== null;) {
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    return { text, isTold: true };
  } catch (error) {
    if (!(error instanceof Deno.errors.UnexpectedEof)) throw error;
    return { text, isTold: false };
  } finally {
    conn.close();
  }
}

/** Sends `text` and reads what comes up to the end. */
export async function exchange(conn: Deno.Conn, text: string) {
  await send(conn, text);
  return await readToEnd(conn);
}
