/**
 * Where one process listens: a place made free before it starts, looked at until somebody is there, and
 * cleared at its end.
 *
 * @module
 */
import { dirname } from "@std/path";
import { type EngineSettings, transportOf } from "../config/mod.ts";
import type { EngineAddress, Files, Net, ProcessTree, Transports } from "../core/mod.ts";
import { takesConnection } from "./takes_connection.ts";
import { freeSocketPath, guardSocket, removeSocket } from "./socket_file.ts";

const LOOPBACK = "127.0.0.1";

export interface Endpoint {
  readonly address: EngineAddress;
  /** Whether `tree` may be asked there by now: a look that costs little and wakes nobody. */
  isThere(tree: ProcessTree): Promise<boolean>;
  /** Calls `listener` when a look may be worth while; gives what ends that, if it can be had. */
  onChange?(listener: () => void): (() => void) | null;
  /** Whether it takes a connection. */
  accepts(): Promise<boolean>;
  /** It is ready: only who may is to get in. */
  guard(): Promise<void>;
  /** Nothing of the process is left. */
  clear(): Promise<void>;
}

export interface EndpointPorts {
  readonly files: Files;
  readonly net: Net;
  readonly transports: Transports;
}

export interface EndpointOptions {
  readonly settings: EngineSettings;
  readonly ports: EndpointPorts;
  readonly onNotice: (title: string, detail: string) => void;
}

/** Where the next process is to listen: a port that is free now. Throws `SpawnError` when there is none. */
export function newAddress(
  settings: EngineSettings,
  { socket: path, transports }: {
    /** Of the instance, where it listens on one. */
    readonly socket: string;
    readonly transports: Transports;
  },
): EngineAddress {
  const kind = transportOf(settings);
  if (kind !== "tcp") return { kind, path };
  return { kind, hostname: LOOPBACK, port: settings.port ?? transports.freePort() };
}

/** Makes the place free. Throws `SpawnError` when somebody else has it. */
export async function openEndpoint(
  address: EngineAddress,
  options: EndpointOptions,
): Promise<Endpoint> {
  if (address.kind === "tcp") {
    return (await import("./port_endpoint.ts")).openPort(address, options);
  }
  if (address.kind === "tls") throw new TypeError("no process of ours listens for TLS");
  await freeSocketPath(address.path, options.ports);
  return new SocketEndpoint(address, options);
}

/** Where an engine that has no process would listen, in words; port 0 = one that is free then. */
export function placeOf(settings: EngineSettings, socket: string): string {
  return transportOf(settings) === "tcp" ? `${LOOPBACK}:${settings.port ?? 0}` : socket;
}

class SocketEndpoint implements Endpoint {
  readonly address: EngineAddress;
  readonly #path: string;
  readonly #options: EndpointOptions;

  constructor(
    address: Extract<EngineAddress, { readonly path: string }>,
    options: EndpointOptions,
  ) {
    this.address = address;
    this.#path = address.path;
    this.#options = options;
  }

  async isThere(): Promise<boolean> {
    return await this.#options.ports.files.info(this.#path) !== null;
  }

  onChange(listener: () => void): (() => void) | null {
    return this.#options.ports.files.onChange?.(dirname(this.#path), listener) ?? null;
  }

  accepts(): Promise<boolean> {
    return takesConnection(this.address, this.#options.ports.transports);
  }

  async guard(): Promise<void> {
    const { settings, ports, onNotice } = this.#options;
    // Of another user: in a directory of that user's alone, where no link of that user's is followed.
    if (settings.user !== null) return;
    await guardSocket(this.#path, ports).catch((error) => {
      onNotice("Socket mode not set", `${this.#path}: ${String(error)}`);
    });
  }

  clear(): Promise<void> {
    return removeSocket(this.#path, this.#options.ports);
  }
}
