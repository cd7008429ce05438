/**
 * The file of an engine's socket: made free before a start, given its mode when it is there, removed
 * at the end. Never a symlink, never another user's, and never one on which somebody answers.
 *
 * @module
 */
import { DialError, type Files, type Net, SpawnError } from "../core/mod.ts";

export interface SocketFilePorts {
  readonly files: Files;
  readonly net: Net;
}

/** Removes a stale socket at `path`. Throws `SpawnError` when what is there must not be removed. */
export async function freeSocketPath(path: string, ports: SocketFilePorts): Promise<void> {
  const info = await ports.files.info(path);
  if (info === null) return;
  if (info.kind === "symlink") throw refuse(path, "is a symbolic link");
  if (info.kind !== "socket") throw refuse(path, "is there already and is not a socket");
  if (info.uid !== ports.files.uid) throw refuse(path, "belongs to another user");
  if (await isAnswered(path, ports.net)) {
    throw refuse(path, "is a socket on which another program answers");
  }
  await ports.files.remove(path);
}

/** The engine's socket is there: only its user may use it. */
export async function guardSocket(path: string, { files }: SocketFilePorts): Promise<void> {
  const info = await files.info(path);
  if (info?.kind === "socket" && info.uid === files.uid && (info.mode & 0o177) !== 0) {
    await files.setMode(path, 0o600);
  }
}

/** Removes what a dead engine left; what is not ours to remove stays. */
export async function removeSocket(path: string, ports: SocketFilePorts): Promise<void> {
  try {
    await freeSocketPath(path, ports);
  } catch {
    // Somebody else's; the next start says so.
  }
}

async function isAnswered(path: string, net: Net): Promise<boolean> {
  try {
    (await net.connectUnix(path)).close();
    return true;
  } catch (error) {
    const failure = error instanceof DialError ? error.failure : "other";
    if (failure === "no_descriptors") throw noDescriptors(path);
    return failure !== "refused" && failure !== "no_socket";
  }
}

function noDescriptors(path: string): SpawnError {
  return new SpawnError({
    detail: `Whether anybody answers on the socket ${path} can't be told: this program has no ` +
      "descriptor left (`ulimit -n`).",
    remedy: "Close connections to it, or run it with a higher `ulimit -n`.",
  }, "descriptors");
}

function refuse(path: string, why: string): SpawnError {
  return new SpawnError({
    detail: `The engine's socket ${path} ${why}.`,
    remedy: "Stop the program that uses it or remove it, or set --engine-socket to another path.",
  });
}
