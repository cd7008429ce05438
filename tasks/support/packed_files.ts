/** The files of a packed engine, and what they ask of a machine. */
import { join } from "@std/path";
import type { PackedFile } from "../../src/platform/packed/packed_engine.ts";
import { sha256 } from "./sidecar.ts";

/** All files below `dir`, sorted by path. Throws for what is no file: there is none in a packed engine. */
export async function listFiles(dir: string): Promise<readonly PackedFile[]> {
  const files: PackedFile[] = [];
  await list(dir, "", files);
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

async function list(dir: string, prefix: string, files: PackedFile[]): Promise<void> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(dir)) {
    const path = join(dir, name);
    if (isDirectory) await list(path, `${prefix}${name}/`, files);
    else if (isFile) {
      const bytes = await Deno.readFile(path);
      const isProgram = ((await Deno.stat(path)).mode ?? 0) & 0o100;
      const mode = isProgram ? 0o700 : 0o600;
      files.push({ path: prefix + name, size: bytes.length, mode, sha256: await sha256(bytes) });
    } else throw new TypeError(`${path} is neither a file nor a folder`);
  }
}

/** The newest glibc that any of `files` in `dir` asks for, e.g. `[2, 35]`. */
export async function glibcFloor(
  dir: string,
  files: readonly PackedFile[],
): Promise<readonly [number, number]> {
  let newest = 0;
  for (const { path } of files.filter(({ size }) => size < 40_000_000)) {
    const text = new TextDecoder("latin1").decode(await Deno.readFile(join(dir, path)));
    if (!text.startsWith("\x7fELF")) continue;
    for (const [, minor] of text.matchAll(/GLIBC_2\.(\d+)/g)) {
      newest = Math.max(newest, Number(minor));
    }
  }
  return [2, newest];
}

export function describeGlibc([major, minor]: readonly [number, number]): string {
  return `for glibc ${major}.${minor} or later`;
}
