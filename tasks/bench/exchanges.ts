/** Exchanges on a kept connection to a Unix socket, by clients in processes of their own. */
import { inRoot } from "../support/root.ts";
import { encodeRaw, type RawRequest } from "./raw_http.ts";
import type { OwnedProcess } from "./owned_process.ts";
import type { Yard } from "./yard.ts";

/** What the client process is told to do, as a line of JSON. */
export interface Job {
  /**
   * `pool`: the supervisor's own client. `whole`: a bare write and read loop that reads until the
   * answer is whole. `bytes`: the same, but it only counts the bytes of answers of one length.
   */
  readonly client: "pool" | "whole" | "bytes";
  readonly request: RawRequest;
  readonly count: number;
}

export interface ClientOptions {
  /** Socket of the server. */
  readonly path: string;
  /** Put before the command of each client, e.g. to pin it to a core. */
  readonly before?: readonly string[];
}

/** Clients in Deno. */
export class DenoClients implements AsyncDisposable {
  readonly #process: OwnedProcess;

  constructor(yard: Yard, { path, before = [] }: ClientOptions) {
    const script = inRoot("tasks", "bench", "exchange_worker.ts");
    this.#process = yard.spawn([...before, Deno.execPath(), "run", "--quiet", "-A", script, path]);
  }

  /** Milliseconds of each exchange. */
  async run(job: Job): Promise<readonly number[]> {
    await this.#process.write(`${JSON.stringify(job)}\n`);
    return JSON.parse(await this.#process.nextLine());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** Milliseconds of each of `count` exchanges by the client in C, the program `client`. */
export async function runCClient(
  yard: Yard,
  options: ClientOptions & {
    readonly client: string;
    readonly request: RawRequest;
    readonly count: number;
  },
): Promise<readonly number[]> {
  const { path, before = [], client, request, count } = options;
  await using process = yard.spawn([...before, client, path, String(count)]);
  await process.write(new TextDecoder().decode(encodeRaw(request, "kept")));
  await process.closeStdin();
  const samples: number[] = [];
  while (samples.length < count) samples.push(Number(await process.nextLine()) / 1e6);
  return samples;
}
