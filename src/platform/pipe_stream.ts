/** Connections to a path by `node:net`: named pipes on Windows, Unix sockets elsewhere. */
import { connect, type Socket } from "node:net";
import type { ByteStream } from "../core/mod.ts";

/** Rejects with what Node says, its `code` in it. */
export function connectPipe(path: string): Promise<ByteStream> {
  const socket = connect({ path });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(new PipeStream(socket));
    });
  });
}

class PipeStream implements ByteStream {
  readonly #socket: Socket;
  #failure: Error | undefined;
  #hasEnded = false;
  /** What waits for the socket to have something to read, to end or to fail. */
  #wake: (() => void) | undefined;
  #rejectWrite: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("readable", () => this.#wake?.());
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#wake?.();
    });
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(closed()));
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      const count = this.#take(buffer);
      if (count > 0) return count;
      if (this.#hasEnded) return null;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    // Its own copy: the caller may use the bytes again while Node still has them.
    const copy = bytes.slice();
    return new Promise((resolve, reject) => {
      this.#rejectWrite = reject;
      this.#socket.write(copy, (error) => {
        if (error) reject(error);
        else resolve(copy.length);
      });
    });
  }

  close(): void {
    this.#fail(closed());
    this.#socket.destroy();
  }

  /** What is there already, as much as fits; 0 = nothing. */
  #take(buffer: Uint8Array): number {
    const { readableLength } = this.#socket;
    if (readableLength === 0) {
      // Asks for more; without it Node would not tell of any.
      this.#socket.read(0);
      return 0;
    }
    const piece: Uint8Array | null = this.#socket.read(Math.min(readableLength, buffer.length));
    if (piece === null) return 0;
    buffer.set(piece);
    return piece.length;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
    this.#rejectWrite?.(this.#failure);
  }
}

function closed(): Error {
  return new Deno.errors.Interrupted("The connection was closed");
}
