/** What an unpacked engine's files looked like when they were written: a look tells whether they still do. */
import { join } from "@std/path";
import type { PackedFile } from "./packed_engine.ts";

/** In the engine's folder. */
const MANIFEST = "manifest.json";

/** Path → what its file looked like. */
export type Manifest = Readonly<Record<string, string>>;

/** Empty where there is none that can be read: every file is then one to look into. */
export function readManifest(dir: string): Manifest {
  try {
    const manifest: unknown = JSON.parse(Deno.readTextFileSync(join(dir, MANIFEST)));
    return typeof manifest === "object" && manifest !== null ? manifest as Manifest : {};
  } catch {
    return {};
  }
}

/** Writes down what `files` in `dir` look like now, whole or not at all. */
export async function writeManifest(dir: string, files: readonly PackedFile[]): Promise<void> {
  const looks = files.map(({ path }) => [path, lookOf(join(dir, path))]);
  const beside = join(dir, `.${MANIFEST}`);
  await Deno.writeTextFile(beside, JSON.stringify(Object.fromEntries(looks)), { mode: 0o600 });
  await syncFile(beside);
  await Deno.rename(beside, join(dir, MANIFEST));
}

/** Those of `files` that are not there or look otherwise than `manifest` says; 20 µs for each that does. */
export function changedFiles(
  dir: string,
  { files, manifest }: { readonly files: readonly PackedFile[]; readonly manifest: Manifest },
): readonly PackedFile[] {
  return files.filter(({ path }) => {
    const look = lookOf(join(dir, path));
    return look === null || manifest[path] !== look;
  });
}

/** Size, mode and times; the second time is the system's own and can't be set. */
function lookOf(path: string): string | null {
  try {
    const { isFile, size, mode, mtime, ctime } = Deno.lstatSync(path);
    if (!isFile) return null;
    const times = [mtime, ctime].map((time) => time?.getTime() ?? 0);
    return [size, ((mode ?? 0) & 0o7777).toString(8), ...times].join(" ");
  } catch {
    return null;
  }
}

/** To the disk; of a folder: the names in it. */
export async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.sync();
}
