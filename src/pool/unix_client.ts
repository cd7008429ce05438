import type { Net } from "../core/mod.ts";
import { TransportClient, type TransportClientOptions } from "./transport_client.ts";

export interface UnixClientOptions extends Omit<TransportClientOptions, "transport" | "envelope"> {
  /** Path of the instance's socket. */
  readonly path: string;
  readonly net: Net;
}

/** The client of one process behind one Unix socket. */
export class UnixClient extends TransportClient {
  constructor({ path, net, ...options }: UnixClientOptions) {
    super({ ...options, transport: { name: path, connect: () => net.connectUnix(path) } });
  }
}
