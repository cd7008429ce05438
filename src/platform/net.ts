/** Unix sockets, going out. */
import { type ByteStream, DialError, type DialFailure, type Net } from "../core/mod.ts";

class ConnStream implements ByteStream {
  readonly #conn: Deno.Conn;
  #isOpen = true;
  /** Rejects the write under way. */
  #giveUpWrite: (() => void) | undefined;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#conn.read(buffer);
  }

  /** Up to Deno 2.8 a write under way outlives the close of its connection; here it ends with it. */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#giveUpWrite = () => reject(new Deno.errors.Interrupted("The connection was closed"));
      this.#conn.write(bytes).then(resolve, reject);
    });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#conn.close();
    this.#giveUpWrite?.();
  }
}

export const systemNet: Net = {
  async connectUnix(path) {
    try {
      return new ConnStream(await Deno.connect({ transport: "unix", path }));
    } catch (error) {
      throw new DialError(dialFailure(error), `Can't connect to ${path}: ${text(error)}`, error);
    }
  },
};

function dialFailure(error: unknown): DialFailure {
  if (error instanceof Deno.errors.NotFound) return "no_socket";
  if (error instanceof Deno.errors.NotADirectory) return "no_socket";
  if (error instanceof Deno.errors.ConnectionRefused) return "refused";
  if (error instanceof Deno.errors.WouldBlock) return "backlog_full";
  return "other";
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
