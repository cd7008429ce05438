/**
 * One supervisor per runtime directory: a lock on a file, held for life. The kernel frees it when
 * the process is gone, however it went; no pid and no socket is asked.
 *
 * @module
 */
import { join } from "@std/path";
import { ConfigError, StorageError } from "../core/mod.ts";
import { systemFiles } from "./files.ts";

/** What the holder writes into the lock file, for those who find it locked. */
export interface LockHolder {
  readonly pid: number;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly control: string;
}

export const LOCK_FILE = "supervisor.lock";

/** How long the lock may take: it is free at once or held, but a busy machine needs its time. */
const LOCK_LIMIT_MS = 500;

/** Takes the lock in `dir` or throws `already_running`, saying who holds it. */
export async function takeLock(dir: string, holder: LockHolder): Promise<void> {
  const path = join(dir, LOCK_FILE);
  const file = await openLockFile(path);
  try {
    if (!await lockWithin(file, LOCK_LIMIT_MS)) throw alreadyRunning(dir, await readHolder(path));
    // Only the holder writes: one that lost must not cut the file first.
    await file.truncate(0);
    await file.write(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
  } catch (error) {
    // One that lost goes on waiting in the background; closed, it lets go as soon as it has it.
    file.close();
    throw error instanceof ConfigError ? error : unusable(path, "write", error);
  }
  // The descriptor stays open for the rest of the process' life: it is the lock.
}

async function openLockFile(path: string): Promise<Deno.FsFile> {
  try {
    // A link planted while the directory was open to others would have us cut what it names.
    const info = await systemFiles.info(path);
    if (info !== null && info.kind !== "file") throw new TypeError(`it is a ${info.kind}`);
    return await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  } catch (error) {
    throw unusable(path, "open", error);
  }
}

function unusable(path: string, stage: "open" | "write", cause: unknown): StorageError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const isFull = cause instanceof Error && "code" in cause &&
    (cause.code === "ENOSPC" || cause.code === "EDQUOT");
  return new StorageError(path, stage, {
    detail: `The lock file ${path} can't be used: ${why}.`,
    remedy: isFull
      ? "Make room there, or set XDG_RUNTIME_DIR to a directory on another disk."
      : "Remove it if no supervisor is running, or use another runtime directory.",
    cause,
  });
}

/** Whether `file` could be locked in time; `lock` can't be called off. */
export async function lockWithin(file: Deno.FsFile, limitMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([file.lock(true).then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the lock file says; `null` = nothing. */
export async function readHolder(path: string): Promise<LockHolder | null> {
  try {
    const holder = JSON.parse(await Deno.readTextFile(path)) as LockHolder;
    return typeof holder.pid === "number" ? holder : null;
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
