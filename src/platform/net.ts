/** Unix sockets, going out. */
import { DialError, type DialFailure, type Net } from "../core/mod.ts";
import { ConnStream } from "./conn_stream.ts";
import { lackOf } from "./lack.ts";

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
  if (lackOf(error) === "descriptors") return "no_descriptors";
  return "other";
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
