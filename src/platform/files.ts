/** The file system, as far as the rooms need it. */
import type { FileInfo, Files } from "../core/mod.ts";
import { FolderWatcher } from "./folder_watcher.ts";

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

/** Something has happened in a folder, or to it. */
export interface FolderEvent {
  /** `modify` of what stands in a file; else what has come or gone. */
  readonly kind: string;
  readonly paths: readonly string[];
}

export interface WatchedFolder {
  close(): void;
  /** Nothing more is told. A folder of the same name can be watched then (seen on 2.9.6). */
  readonly ended: Promise<void>;
}

/** Tells of changes in `dir`, not below; `null` when it is not there, or can't be watched. */
export function watchFolder(
  dir: string,
  listener: (event: FolderEvent) => void,
): WatchedFolder | null {
  try {
    return new FolderWatcher([dir], listener);
  } catch {
    // There are as many watches as may be, or it is not there.
    return null;
  }
}

/** Whoever listens looks now and then in any case. */
function onChange(dir: string, listener: () => void): (() => void) | null {
  const watched = watchFolder(dir, () => listener());
  return watched === null ? null : () => watched.close();
}

/** Names of the files in a folder, links among them, sorted; none when it is not there. */
export async function fileNames(dir: string): Promise<readonly string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(dir));
    return entries.filter(({ isDirectory }) => !isDirectory).map(({ name }) => name).sort();
  } catch (error) {
    if (isNotThere(error)) return [];
    throw error;
  }
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
