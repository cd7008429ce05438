/** What a supervisor holds on to, by what the kernel and its own view of the engine say. */

/** At one moment. */
export interface Holdings {
  readonly descriptors: number;
  /** Open connections to the engine. */
  readonly engineConnections: number;
  readonly inflight: number;
  readonly queued: number;
}

/** What the supervisor says of its engine, as far as it is used here. */
export interface HeldFacts {
  readonly inflight: number;
  readonly queued: number;
  readonly socket: string;
}

/** In /proc/net/unix: a connected stream. The server's end of it carries the listener's path. */
const CONNECTED = "03";

export async function readHoldings(pid: number, facts: HeldFacts): Promise<Holdings> {
  const { inflight, queued, socket } = facts;
  return {
    descriptors: await countFiles(`/proc/${pid}/fd`),
    engineConnections: await countConnections(socket),
    inflight,
    queued,
  };
}

async function countFiles(directory: string): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(directory))).length;
}

async function countConnections(socket: string): Promise<number> {
  const lines = (await Deno.readTextFile("/proc/net/unix")).split("\n");
  return lines.filter((line) => {
    const fields = line.trim().split(/ +/);
    return fields[5] === CONNECTED && fields[7] === socket;
  }).length;
}
