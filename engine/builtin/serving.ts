/** Serving on a Unix socket: private from the first moment, its file gone at the end. */
import { errorAnswer } from "./answers.ts";

export interface ServingOptions {
  readonly handle: (request: Request) => Promise<Response>;
  readonly onListen: () => void;
}

/**
 * `Deno.serve` on a Unix socket, with an end of its own: Deno 2.9's `shutdown()` breaks the bodies
 * that are still being received, so it is called when none is.
 */
export class Serving {
  readonly #path: string;
  readonly #server: Deno.HttpServer;
  #inFlight = 0;
  #isClosing = false;
  #isShutDown = false;
  readonly #idle = Promise.withResolvers<void>();

  /** Throws when the path can't be had. */
  constructor(path: string, options: ServingOptions) {
    this.#path = path;
    const before = Deno.umask(0o177);
    try {
      this.#server = Deno.serve({
        path,
        handler: (request) => this.#answer(request, options.handle),
        onListen: options.onListen,
      });
    } finally {
      Deno.umask(before);
    }
  }

  /** Refuses new requests, waits for those in flight, then closes; the socket's file goes with it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#inFlight > 0) await this.#idle.promise;
    this.#isShutDown = true;
    await this.#server.shutdown();
  }

  /** Leaves nothing behind but requests in flight, which end with the process. */
  abandon(): void {
    if (this.#isShutDown) return; // the file is gone, and the path may be another engine's
    Deno.removeSync(this.#path);
  }

  async #answer(
    request: Request,
    handle: (request: Request) => Promise<Response>,
  ): Promise<Response> {
    if (this.#isClosing) {
      return errorAnswer(503, "The engine is stopping.", { connection: "close" });
    }
    this.#inFlight++;
    try {
      return await handle(request);
    } catch (error) {
      console.error(error);
      return errorAnswer(500, "The engine failed on this request; its output says more.");
    } finally {
      if (--this.#inFlight === 0 && this.#isClosing) this.#idle.resolve();
    }
  }
}

/**
 * Removes a socket file that a dead process of the same user left at `path`.
 * Throws when something else is there, or somebody answers.
 */
export async function clearStaleSocket(path: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (!info.isSocket) throw new Error("it is there and is not a socket");
  if (info.uid !== Deno.uid()) throw new Error("it belongs to another user");
  try {
    const probe = await Deno.connect({ transport: "unix", path });
    probe.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    await Deno.remove(path);
    return;
  }
  throw new Error("another process listens on it");
}
