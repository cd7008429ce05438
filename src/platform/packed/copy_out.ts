/** Files out of the executable; loaded when one is to be written or looked into. */
import { createHash } from "node:crypto";
import { dirname, join } from "@std/path";
import type { PackedEngine, PackedFile } from "./packed_engine.ts";

const CHUNK_BYTES = 1 << 20;

export interface CopyOptions {
  /** The executable. */
  readonly source: string;
  /** Folder they go into. */
  readonly dir: string;
  /** Told of the bytes of each piece. @default nobody is */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Writes `files` of `packed` below a folder, each beside its place first and to the disk before it
 * takes it. Rejects with what the system says, or with `RangeError` when the executable no longer holds what
 * it was built with.
 */
export async function copyOut(
  packed: PackedEngine,
  files: readonly PackedFile[],
  { source, dir, onBytes = () => {} }: CopyOptions,
): Promise<void> {
  const offsets = offsetsOf(packed);
  using from = await Deno.open(source);
  for (const file of files) {
    const path = join(dir, file.path);
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await from.seek(offsets.get(file.path) ?? 0, Deno.SeekMode.Start);
    await copyOne(from, { file, path, onBytes });
  }
}

async function copyOne(
  from: Deno.FsFile,
  { file, path, onBytes }: {
    readonly file: PackedFile;
    readonly path: string;
    readonly onBytes: (bytes: number) => void;
  },
): Promise<void> {
  const beside = `${path}.new`;
  await Deno.remove(beside).catch(ignoreMissing);
  const hash = createHash("sha256");
  {
    using to = await Deno.open(beside, { createNew: true, write: true, mode: file.mode });
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(file.size, 1)));
    for (let left = file.size; left > 0;) {
      const length = await from.read(buffer.subarray(0, Math.min(left, buffer.length)));
      if (length === null) break;
      const piece = buffer.subarray(0, length);
      hash.update(piece);
      for (let done = 0; done < length;) done += await to.write(piece.subarray(done));
      left -= length;
      onBytes(length);
    }
    if (hash.digest("hex") !== file.sha256) {
      throw new RangeError(`the executable does not hold ${file.path} as it was built`);
    }
    await to.sync();
  }
  // Whatever the umask took away.
  await Deno.chmod(beside, file.mode);
  await Deno.rename(beside, path);
}

/** Whether the file in `dir` is what was packed, whatever it looks like. */
export async function isWhole(dir: string, file: PackedFile): Promise<boolean> {
  const path = join(dir, file.path);
  try {
    const { isFile, size, mode } = await Deno.lstat(path);
    if (!isFile || size !== file.size || ((mode ?? 0) & 0o7777) !== file.mode) return false;
    using from = await Deno.open(path);
    const hash = createHash("sha256");
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const length = await from.read(buffer);
      if (length === null) return hash.digest("hex") === file.sha256;
      hash.update(buffer.subarray(0, length));
    }
  } catch {
    return false;
  }
}

function offsetsOf({ offset, files }: PackedEngine): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  let at = offset;
  for (const { path, size } of files) {
    offsets.set(path, at);
    at += size;
  }
  return offsets;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
