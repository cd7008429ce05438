/**
 * A port of 127.0.0.1 where one process is to listen: one on which nobody does right before the start.
 * Somebody else may still be faster than the process; that one is not taken for it where the system
 * tells who listens.
 *
 * @module
 */
import { type EngineAddress, formatAddress, type ProcessTree, SpawnError } from "../core/mod.ts";
import type { Endpoint, EndpointOptions } from "./endpoint.ts";
import { takesConnection } from "./takes_connection.ts";

type PortAddress = Extract<EngineAddress, { readonly kind: "tcp" }>;

/** Throws `SpawnError` when the port that is set is another's. */
export function openPort(address: PortAddress, options: EndpointOptions): Endpoint {
  const { settings, ports: { transports } } = options;
  if (settings.port !== null && transports.isTaken(settings.port)) {
    throw new SpawnError({
      detail: `The engine's port ${formatAddress(address)} is in use by another program.`,
      remedy: "Stop that program, set `port` to another one, or leave `port` out and say ${PORT} " +
        "in the command to get a free one.",
    });
  }
  return new PortEndpoint(address, options);
}

class PortEndpoint implements Endpoint {
  readonly address: PortAddress;
  readonly #options: EndpointOptions;
  #isStrangerTold = false;

  constructor(address: PortAddress, options: EndpointOptions) {
    this.address = address;
    this.#options = options;
  }

  async isThere(tree: ProcessTree): Promise<boolean> {
    if (!await this.accepts()) return false;
    // What listens for a container is the container engine's, not the command's.
    if (this.#options.settings.stopCommand !== null) return true;
    if (await tree.ownsPort(this.address.port).catch(() => false) !== false) return true;
    this.#tellStranger();
    return false;
  }

  accepts(): Promise<boolean> {
    return takesConnection(this.address, this.#options.ports.transports);
  }

  /** Who may ask it is up to the engine, by its token. */
  guard(): Promise<void> {
    return Promise.resolve();
  }

  clear(): Promise<void> {
    return Promise.resolve();
  }

  #tellStranger(): void {
    if (this.#isStrangerTold) return;
    this.#isStrangerTold = true;
    this.#options.onNotice(
      "Another program on its port",
      `Who listens on ${
        formatAddress(this.address)
      } is no process of the engine, and is not asked. For a ` +
        "container, whose port is another program's, set stopCommand.",
    );
  }
}
