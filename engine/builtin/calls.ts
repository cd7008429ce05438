/** Direct calls on a Unix socket; each is answered as soon as it is read, in order. */
import {
  type Call,
  CallReader,
  encodeError,
  encodeHello,
  encodeResult,
  FrameError,
} from "./frames.ts";
import { ArgumentError, type CallableFunction, type Json, type Payload } from "./functions.ts";

/** Calls that a caller may have in flight. */
const MAX_CALLS = 256;

const READ_BYTES = 64 * 1024;

export class CallServing {
  readonly #functions: ReadonlyMap<string, CallableFunction>;
  readonly #listener: Deno.UnixListener;
  readonly #connections = new Set<Deno.UnixConn>();
  readonly #serving: Promise<void>;
  #isClosing = false;

  /** Throws when the path can't be had. */
  constructor(path: string, functions: ReadonlyMap<string, CallableFunction>) {
    this.#functions = functions;
    const before = Deno.umask(0o177);
    try {
      this.#listener = Deno.listen({ transport: "unix", path });
    } finally {
      Deno.umask(before);
    }
    this.#serving = this.#accept();
  }

  /** Takes no call any more; those that were read are answered. The socket's file goes with it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
    await this.#serving;
  }

  async #accept(): Promise<void> {
    const all = new Set<Promise<void>>();
    try {
      for await (const connection of this.#listener) {
        const serving = this.#serve(connection).finally(() => all.delete(serving));
        all.add(serving);
      }
    } catch (error) {
      if (!this.#isClosing) console.error(error);
    }
    await Promise.all(all);
  }

  /** Never rejects. What a caller does not read is not written, and no more of its calls are read. */
  async #serve(connection: Deno.UnixConn): Promise<void> {
    this.#connections.add(connection);
    const reader = new CallReader();
    const buffer = new Uint8Array(READ_BYTES);
    try {
      await write(connection, encodeHello(MAX_CALLS));
      for (let count = await connection.read(buffer); count !== null;) {
        for (const call of reader.receive(buffer.subarray(0, count))) {
          await write(connection, this.#answer(call));
        }
        count = await connection.read(buffer);
      }
    } catch (error) {
      if (error instanceof FrameError) console.error(`a caller was cut off: ${error.message}`);
      // Else it has left, or we close.
    } finally {
      if (this.#connections.delete(connection)) closeQuietly(connection);
    }
  }

  #answer({ id, name, isRaw, argument }: Call): Uint8Array {
    const called = this.#functions.get(name);
    if (called === undefined) {
      const message = `There is no function ${name}.`;
      const functions = [...this.#functions.keys()].toSorted();
      return encodeError(id, { code: "unknown_function", message, functions });
    }
    try {
      return encodeResult(id, called(isRaw ? argument : parseJson(argument)));
    } catch (error) {
      if (error instanceof ArgumentError) {
        return encodeError(id, { code: "bad_argument", message: error.message });
      }
      console.error(error);
      const { name: type, message } = error instanceof Error ? error : new Error(String(error));
      return encodeError(id, { code: "failed", message, type });
    }
  }
}

function parseJson(argument: Uint8Array): Payload {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(argument);
    return JSON.parse(text) as Json;
  } catch {
    throw new ArgumentError("The argument is not JSON.");
  }
}

async function write(connection: Deno.UnixConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

function closeQuietly(connection: Deno.UnixConn): void {
  try {
    connection.close();
  } catch {
    // It was closed for the end of all.
  }
}
