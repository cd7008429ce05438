/**
 * Directories for engines that run as another user: each is that user's alone (0700), in a directory that
 * only root can change, so that no other can be put in its place. Ours would not let that user through.
 *
 * @module
 */
import { basename, dirname } from "@std/path";
import { SpawnError } from "../core/mod.ts";

/** Makes `dir`, empty, for a user; whoever passes by may not see what is beside it. Throws `SpawnError`. */
export function makePrivateDir(dir: string, { uid, gid }: { uid: number; gid: number }): void {
  const above = dirname(dir);
  try {
    Deno.mkdirSync(above, { mode: 0o711 });
    // Whatever the umask.
    Deno.chmodSync(above, 0o711);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw refuse(dir, error);
  }
  const stat = Deno.lstatSync(above);
  if (!stat.isDirectory || stat.uid !== Deno.uid() || ((stat.mode ?? 0) & 0o022) !== 0) {
    throw refuse(dir, `${above} is not a directory that only this user can change`);
  }
  try {
    // Left by a process of this program before.
    removePrivateDir(dir);
    Deno.mkdirSync(dir, { mode: 0o700 });
    Deno.chownSync(dir, uid, gid);
  } catch (error) {
    throw refuse(dir, error);
  }
}

/** Removes `dir` and what is in it; what can't be removed stays. */
export function removePrivateDir(dir: string): void {
  try {
    // Follows no link, not even one that is put there meanwhile.
    Deno.removeSync(dir, { recursive: true });
  } catch {
    // Not there, or still in use.
  }
}

/** The same for every directory whose path begins with `prefix`. */
export function removePrivateDirs(prefix: string): void {
  const above = dirname(prefix);
  const start = basename(prefix);
  if (!isDirectory(above)) return;
  for (const { name } of Deno.readDirSync(above)) {
    if (name.startsWith(start)) removePrivateDir(`${above}/${name}`);
  }
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function refuse(dir: string, cause: unknown): SpawnError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SpawnError({
    detail: `The directory ${dir} for the engine's user can't be made: ${why}.`,
    remedy: `Look at ${dirname(dir)}, or leave \`user\` out of the engine's settings.`,
    cause,
  });
}
