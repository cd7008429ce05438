/**
 * Puts the packed engine behind the runtime that `deno compile` takes: from there Deno loads nothing at
 * start, and the program finds it in its own file.
 */
import { join } from "@std/path";
import { createHash } from "node:crypto";
import type { PackedEngine } from "../../src/platform/packed/packed_engine.ts";
import { glibcFloor, listFiles } from "./packed_files.ts";
import { inRoot } from "./root.ts";
import { SIDECAR } from "./sidecar.ts";

/** Where the files begin: at a page of their own. */
const ALIGNED = 4_096;

/** Goes into the executable; see src/platform/packed/packed_engine.ts. */
export const RECORD = inRoot("src", "platform", "packed", "packed_engine.json");

/** Writes `output`: the runtime `denort` with the engine in the folder `sidecar` behind it. */
export async function writePackedRuntime(
  { denort, sidecar, output }: {
    readonly denort: string;
    readonly sidecar: string;
    readonly output: string;
  },
): Promise<PackedEngine> {
  const files = await listFiles(sidecar);
  await Deno.copyFile(denort, output);
  await Deno.chmod(output, 0o755);
  const offset = Math.ceil((await Deno.stat(output)).size / ALIGNED) * ALIGNED;
  const hash = createHash("sha256");
  using to = await Deno.open(output, { write: true });
  await to.seek(offset, Deno.SeekMode.Start);
  for (const { path } of files) {
    const bytes = await Deno.readFile(join(sidecar, path));
    hash.update(bytes);
    for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
  }
  const glibc = await glibcFloor(sidecar, files);
  return { program: SIDECAR, offset, sha256: hash.digest("hex"), glibc, files };
}

/** Whether the executable holds what `packed` says, where it says. */
export async function holds(executable: string, packed: PackedEngine): Promise<boolean> {
  const hash = createHash("sha256");
  using file = await Deno.open(executable);
  await file.seek(packed.offset, Deno.SeekMode.Start);
  const buffer = new Uint8Array(1 << 20);
  for (let left = packed.files.reduce((sum, { size }) => sum + size, 0); left > 0;) {
    const length = await file.read(buffer.subarray(0, Math.min(left, buffer.length)));
    if (length === null) return false;
    hash.update(buffer.subarray(0, length));
    left -= length;
  }
  return hash.digest("hex") === packed.sha256;
}

/** Runs `work` while the record is there to be included. */
export async function withRecord<T>(packed: PackedEngine, work: () => Promise<T>): Promise<T> {
  await Deno.writeTextFile(RECORD, JSON.stringify(packed));
  try {
    return await work();
  } finally {
    await Deno.remove(RECORD);
  }
}
