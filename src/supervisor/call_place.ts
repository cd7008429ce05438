/**
 * Where one process takes direct calls: a second socket beside its own, of which it is told as
 * AI_ENGINE_FRAMES. Whether anybody listens there is found out by the first call.
 *
 * @module
 */
import type { Clock, Files, Net } from "../core/mod.ts";
import type { FrameChannel, FrameChannelOptions } from "../frames/mod.ts";
import type { Traffic } from "../pool/mod.ts";
import { freeSocketPath, guardSocket, removeSocket } from "./socket_file.ts";

/** The longest path of a Unix socket. */
const MAX_PATH_BYTES = 107;

const SUFFIX = ".frames";

export interface CallPlaceOptions {
  readonly engine: string;
  /** The process's own socket. */
  readonly socket: string;
  readonly ports: { readonly clock: Clock; readonly files: Files; readonly net: Net };
  readonly traffic: Traffic;
  /** Told why there can be no such socket, if so: the engine is started without. */
  readonly onNotice: (title: string, detail: string) => void;
}

export class CallPlace {
  readonly #options: CallPlaceOptions;
  /** `null` until it was prepared, and when it can't be had. */
  #path: string | null = null;
  #channel: FrameChannel | undefined;
  #isClosed = false;

  constructor(options: CallPlaceOptions) {
    this.#options = options;
  }

  /** Makes the path free; gives it, or `null` when it can't be had. Never rejects. */
  async prepare(): Promise<string | null> {
    const { ports, socket, onNotice } = this.#options;
    const path = socket + SUFFIX;
    try {
      if (new TextEncoder().encode(path).length > MAX_PATH_BYTES) {
        throw new RangeError(`the path ${path} is longer than the system takes.`);
      }
      await freeSocketPath(path, ports);
      this.#path = path;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      onNotice("No direct calls", `The engine is started without: ${why}`);
    }
    return this.#path;
  }

  /** The process is ready: only its user may call. */
  async guard(): Promise<void> {
    const { ports, onNotice } = this.#options;
    if (this.#path === null) return;
    await guardSocket(this.#path, ports).catch((error) => {
      onNotice("Socket mode not set", `${this.#path}: ${String(error)}`);
    });
  }

  /** The way for calls, made by `make` at first; `null` = there is none. */
  channel(make: (options: FrameChannelOptions) => FrameChannel): FrameChannel | null {
    const { engine, ports: { clock, net }, traffic } = this.#options;
    const path = this.#path;
    if (path === null) return null;
    const onMoved = () => void traffic.moves++;
    if (this.#channel === undefined) {
      this.#channel = make({ engine, clock, dial: () => net.connectUnix(path), onMoved });
      // What listens there by then may be another process.
      if (this.#isClosed) this.#channel.close();
    }
    return this.#channel;
  }

  /** The process is gone: calls that are open are rejected. */
  close(): void {
    this.#channel?.close();
    this.#isClosed = true;
  }

  /** Removes what the process left. */
  async remove(): Promise<void> {
    if (this.#path !== null) await removeSocket(this.#path, this.#options.ports);
  }
}
