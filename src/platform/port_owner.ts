/** Who listens on a port, as far as Linux tells. */

/** State of a socket in /proc/net/tcp that listens. */
const LISTEN = "0A";

/** The sockets (inodes) that listen on `port`, whatever the address; `null` where it can't be told. */
export async function listenersOn(port: number): Promise<ReadonlySet<string> | null> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map(readTable));
  if (tables.every((table) => table === null)) return null;
  const inodes = new Set<string>();
  for (const line of tables.join("\n").split("\n")) {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    if (state === LISTEN && local.endsWith(wanted)) inodes.add(inode);
  }
  return inodes;
}

/**
 * Whether one of the processes `pids` is who listens on `port`; `null` where it can't be told, as when
 * one of them can't be looked into.
 */
export async function ownsPort(
  pids: AsyncIterable<number>,
  port: number,
): Promise<boolean | null> {
  const inodes = await listenersOn(port);
  if (inodes === null) return null;
  let isSure = true;
  for await (const pid of pids) {
    const has = await hasSocket(pid, inodes);
    if (has) return true;
    if (has === null) isSure = false;
  }
  return isSure ? false : null;
}

/** Whether the process `pid` has one of these sockets open; `null` where it can't be looked into. */
export async function hasSocket(
  pid: number,
  inodes: ReadonlySet<string>,
): Promise<boolean | null> {
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
      const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
      const [, inode] = /^socket:\[(\d+)\]$/.exec(target) ?? [];
      if (inode !== undefined && inodes.has(inode)) return true;
    }
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return null;
    // Gone meanwhile: it listens no more.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}

async function readTable(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
