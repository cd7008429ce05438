/**
 * The runtime directory: where the lock, the control socket and the engines' sockets live. Ours
 * alone (0700), never a symlink.
 *
 * @module
 */
import { dirname, isAbsolute, join } from "@std/path";
import { ConfigError } from "../core/mod.ts";

export interface RuntimeDirEnv {
  readonly XDG_RUNTIME_DIR?: string | undefined;
}

/** Finds, makes and checks the runtime directory; returns its path. Throws `ConfigError`. */
export async function openRuntimeDir(env: RuntimeDirEnv): Promise<string> {
  const uid = Deno.uid();
  const base = env.XDG_RUNTIME_DIR;
  // The XDG base directory specification: a relative path is invalid and to be ignored.
  if (base !== undefined && isAbsolute(base)) {
    return await makeOwn(join(base, "ai-engine"), "XDG_RUNTIME_DIR");
  }
  if (uid === 0 && await canMake("/run/ai-engine")) {
    return await makeOwn("/run/ai-engine", "XDG_RUNTIME_DIR");
  }
  return await makeOwn(`/tmp/ai-engine-${uid}`, "XDG_RUNTIME_DIR");
}

/**
 * Checks the directory of a socket that a setting names: a directory of ours, or a sticky one of
 * root's such as /tmp, so that nobody else can put another socket in its place. Throws `ConfigError`
 * naming the setting.
 */
export async function checkSocketDir(path: string, setting: string): Promise<void> {
  const dir = dirname(path);
  const remedy = `Let ${setting} name a socket in a directory of yours, or leave it out.`;
  const refuse = (why: string) =>
    new ConfigError("config_invalid", {
      detail: `${setting} is ${path}, but ${dir} ${why}.`,
      remedy,
    });
  let stat: Deno.FileInfo;
  try {
    stat = await Deno.lstat(dir);
  } catch (error) {
    throw refuse(error instanceof Deno.errors.NotFound ? "does not exist" : "can't be looked into");
  }
  if (stat.isSymlink) throw refuse("is a symbolic link");
  if (!stat.isDirectory) throw refuse("is not a directory");
  const mode = stat.mode ?? 0;
  const isSticky = (mode & 0o1000) !== 0;
  // The owner of a sticky directory may still rename and remove what others have in it.
  const isSafeOwner = stat.uid === Deno.uid() || (isSticky && stat.uid === 0);
  if (!isSafeOwner) throw refuse("belongs to another user");
  if ((mode & 0o002) !== 0 && !isSticky) throw refuse("can be written to by everybody");
  if (!await isWritable(dir)) throw refuse("is not writable");
}

/**
 * What the path of each directory begins with that the program with this `boot` makes for an engine of
 * another user: below one that everybody gets through and only root can change.
 */
export async function privateDirPrefix(boot: string): Promise<string> {
  const hasRun = await Deno.stat("/run").then(({ isDirectory }) => isDirectory, () => false);
  return `${hasRun ? "/run" : "/tmp"}/ai-engine-users/${boot}-`;
}

async function canMake(dir: string): Promise<boolean> {
  try {
    await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
    return await isWritable(dir);
  } catch {
    return false;
  }
}

async function makeOwn(dir: string, setting: string): Promise<string> {
  const refuse = (why: string, cause?: unknown) =>
    new ConfigError("config_invalid", {
      detail: `The runtime directory ${dir} ${why}.`,
      remedy: `Move it away, or set ${setting} to a directory that only you can write to.`,
      cause,
    });
  try {
    await Deno.mkdir(dir, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw refuse("can't be made", error);
  }
  const stat = await Deno.lstat(dir);
  if (stat.isSymlink) throw refuse("is a symbolic link");
  if (!stat.isDirectory) throw refuse("is not a directory");
  if (stat.uid !== Deno.uid()) throw refuse("belongs to another user");
  if (((stat.mode ?? 0) & 0o077) !== 0) await Deno.chmod(dir, 0o700);
  if (!await isWritable(dir)) throw refuse("is not writable");
  return dir;
}

/** By trying: mode bits do not tell of read-only file systems. */
export async function isWritable(dir: string): Promise<boolean> {
  try {
    await Deno.remove(await Deno.makeTempFile({ dir, prefix: ".probe-" }));
    return true;
  } catch {
    return false;
  }
}
