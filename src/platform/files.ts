/** The file system, as far as the rooms need it. */
import type { FileInfo, Files } from "../core/mod.ts";

export const systemFiles: Files = {
  async info(path) {
    try {
      return toInfo(await Deno.lstat(path));
    } catch (error) {
      if (isNotThere(error)) return null;
      throw error;
    }
  },
  async remove(path) {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!isNotThere(error)) throw error;
    }
  },
  setMode: (path, mode) => Deno.chmod(path, mode),
  onChange,
  uid: Deno.build.os === "windows" ? null : Deno.uid(),
};

function onChange(dir: string, listener: () => void): (() => void) | null {
  try {
    const watcher = Deno.watchFs(dir, { recursive: false });
    tell(watcher, listener).catch(() => {
      // Told no more: whoever listens looks now and then in any case.
    });
    return () => watcher.close();
  } catch {
    // There are as many watches as may be, or it is not there.
    return null;
  }
}

async function tell(watcher: Deno.FsWatcher, listener: () => void): Promise<void> {
  for await (const { kind } of watcher) if (kind !== "access") listener();
}

/** A part of the path that is a file (ENOTDIR) means that there is nothing at its end either. */
function isNotThere(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

function toInfo(stat: Deno.FileInfo): FileInfo {
  return { kind: kindOf(stat), uid: stat.uid, mode: (stat.mode ?? 0) & 0o7777 };
}

function kindOf(stat: Deno.FileInfo): FileInfo["kind"] {
  if (stat.isSymlink) return "symlink";
  if (stat.isDirectory) return "directory";
  if (stat.isFile) return "file";
  return stat.isSocket === true ? "socket" : "other";
}
