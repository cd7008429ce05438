import { join } from "@std/path";
import { LOCK_FILE, lockWithin, readHolder } from "../lock.ts";

/** Far longer than a lock takes that nobody has. */
const LIMIT_MS = 200;

/** Takes the lock for a moment where nobody has it. */
export async function findLockHolder(dir: string): Promise<{ pid: number | null } | null> {
  const path = join(dir, LOCK_FILE);
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true, write: true });
  } catch {
    return null;
  }
  try {
    if (await lockWithin(file, LIMIT_MS)) return null;
    return { pid: (await readHolder(path))?.pid ?? null };
  } finally {
    file.close();
  }
}
