/** Log files on the file system. */
import { dirname } from "@std/path";
import type { LogFile, LogFiles } from "../core/mod.ts";
import { tellsLate } from "./file_systems.ts";
import { systemFiles } from "./files.ts";

const LF = 10;

export const systemLogFiles: LogFiles = {
  open,
  async size(path) {
    return (await lstatIfThere(path))?.size ?? null;
  },
  async rename(from, to) {
    if (await lstatIfThere(from) !== null) await Deno.rename(from, to);
  },
  remove: (path) => systemFiles.remove(path),
};

async function open(path: string): Promise<LogFile> {
  // Opening a pipe nobody reads would wait for ever; a link may lead anywhere.
  const there = await lstatIfThere(path);
  if (there === null) await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  else if (!there.isFile) throw new Error(`${path} is not a regular file`);
  const file = await Deno.open(path, { read: true, append: true, create: true, mode: 0o600 });
  try {
    const size = await endLastLine(file);
    const { dev } = await file.stat();
    return {
      size,
      write: (bytes) => file.write(bytes),
      async close() {
        try {
          if (await isToldLate(dev)) await file.syncData();
        } finally {
          file.close();
        }
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** By device. */
const toldLate = new Map<number, Promise<boolean>>();

function isToldLate(device: number): Promise<boolean> {
  let isLate = toldLate.get(device);
  if (isLate === undefined) {
    isLate = Deno.readTextFile("/proc/self/mountinfo")
      .then((mounts) => tellsLate(mounts, device), () => false);
    toldLate.set(device, isLate);
  }
  return isLate;
}

/** Ends a line that was cut when it was written. Returns how many bytes the file has. */
async function endLastLine(file: Deno.FsFile): Promise<number> {
  const { size } = await file.stat();
  if (size === 0) return 0;
  const last = new Uint8Array(1);
  await file.seek(size - 1, Deno.SeekMode.Start);
  await file.read(last);
  return last[0] === LF ? size : size + await file.write(Uint8Array.of(LF));
}

async function lstatIfThere(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
