/**
 * One supervisor per runtime directory: a lock on a file, held for life. The kernel frees it when
 * the process is gone, however it went; no pid and no socket is asked.
 *
 * @module
 */
import { join } from "@std/path";
import { ConfigError, StorageError } from "../core/mod.ts";

/** What the holder writes into the lock file, for those who find it locked. */
export interface LockHolder {
  readonly pid: number;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly control: string;
}

/** How long the lock may take; it is either free at once or held. */
const LOCK_LIMIT_MS = 150;

/** Takes the lock in `dir` or throws `already_running`, saying who holds it. */
export async function takeLock(dir: string, holder: LockHolder): Promise<void> {
  const path = join(dir, "supervisor.lock");
  const file = await openLockFile(path);
  if (!await lockWithin(file, LOCK_LIMIT_MS)) throw alreadyRunning(dir, await readHolder(path));
  // Only the holder writes: one that lost must not cut the file first.
  await file.truncate(0);
  await file.write(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
  // The descriptor stays open for the rest of the process' life: it is the lock.
}

async function openLockFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  } catch (error) {
    throw new StorageError(path, "open", {
      detail: `The lock file ${path} can't be opened: ${String(error)}.`,
      remedy: "Remove it if no supervisor is running, or use another runtime directory.",
      cause: error,
    });
  }
}

/** `lock` can't be called off; one that lost goes on waiting until the process exits. */
async function lockWithin(file: Deno.FsFile, limitMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const locked = file.lock(true).then(() => true, () => false);
  const won = await Promise.race([locked, limit]);
  clearTimeout(timer);
  return won;
}

async function readHolder(path: string): Promise<LockHolder | null> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) as LockHolder;
  } catch {
    return null;
  }
}

function alreadyRunning(dir: string, holder: LockHolder | null): ConfigError {
  const who = holder === null
    ? "another process"
    : `process ${holder.pid}, which started at ${holder.startedAt} and is controlled through ${holder.control}`;
  return new ConfigError("already_running", {
    detail: `A supervisor is already running in ${dir}: ${who}.`,
    remedy: "Use it (`ai-engine status`), stop it (`ai-engine shutdown`), or set XDG_RUNTIME_DIR " +
      "to another directory for a second one.",
  });
}
