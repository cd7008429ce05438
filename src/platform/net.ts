/** Unix sockets, going out. */
import { type ByteStream, DialError, type DialFailure, type Net } from "../core/mod.ts";

class ConnStream implements ByteStream {
  readonly #conn: Deno.Conn;
  #isOpen = true;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#conn.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#conn.close();
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
