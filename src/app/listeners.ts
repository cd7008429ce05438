import { formatListen, type ListenAddress, type ListenAddresses } from "../config/mod.ts";
import { ConfigError, type ListenerAddress, type StreamListener } from "../core/mod.ts";
import { openTcpListener, openUnixListener } from "../platform/mod.ts";

/** Everything that is listened on. */
export interface Listeners {
  readonly control: StreamListener;
  /** In the order of the settings; port 0 has become a number. */
  readonly listen: readonly StreamListener[];
}

export interface ListenersOptions {
  /** Path of the control socket. */
  readonly control: string;
  readonly listen: ListenAddresses;
  /** Puts TLS on what comes in by TCP. @default none is spoken */
  readonly tls?: { over(source: StreamListener): StreamListener } | null;
}

/**
 * Listens on everything, or, when one can't be listened on, on nothing: those that were open already
 * are closed then, before anybody was served. Throws `ConfigError`.
 */
export async function openListeners(
  { control, listen, tls = null }: ListenersOptions,
): Promise<Listeners> {
  const opened: StreamListener[] = [];
  try {
    const first = await openUnixListener(control, "--control (AI_ENGINE_CONTROL)");
    opened.push(first);
    for (const address of listen) {
      const one = await openOne(address, opened);
      opened.push(tls === null || address.kind === "unix" ? one : tls.over(one));
    }
    return { control: first, listen: opened.slice(1) };
  } catch (error) {
    for (const listener of opened) listener.close();
    throw error;
  }
}

async function openOne(
  address: ListenAddress,
  opened: readonly StreamListener[],
): Promise<StreamListener> {
  if (address.kind === "unix") {
    return await openUnixListener(address.path, "--listen (AI_ENGINE_LISTEN)");
  }
  try {
    return openTcpListener(address);
  } catch (error) {
    const twin = opened.find((one) =>
      one.address.kind !== "unix" && one.address.port === address.port
    );
    const isTaken = error instanceof ConfigError && error.code === "port_in_use";
    throw isTaken && twin !== undefined ? namedTwice(address, twin.address) : error;
  }
}

/** For two names of one address. */
function namedTwice(address: ListenAddress, twin: ListenerAddress): ConfigError {
  return new ConfigError("port_in_use", {
    detail: `${formatListen(address)} is in use, most likely by our own ${formatListen(twin)}.`,
    remedy: "Name each address once; localhost is one of 127.0.0.1 and [::1].",
  });
}
