/** Locks on a place where engines are unpacked: who unpacks there, and which version is in use. */
import { join } from "@std/path";

/** Names of what is being written: left only by who was killed. */
export const UNFINISHED = ".unfinished-";

/** As `sha256` in hexadecimal digits. */
const VERSION = /^[0-9a-f]{64}$/;

/** How long a lock that is held may take to say so, where it can't be asked. */
const ASK_MS = 150;

/** How long another program may take to unpack. */
const WAIT_MS = 120_000;

/** Runs `work` while no other program unpacks, repairs or removes anything in `place`. */
export async function whileAlone<T>(place: string, work: () => Promise<T>): Promise<T> {
  const file = await openLock(join(place, "lock"));
  try {
    if (!await lockWithin(file, WAIT_MS)) throw new TypeError("another program unpacks there");
    return await work();
  } finally {
    file.close();
  }
}

/** Keeps `version` from being removed until it is closed; the kernel does that at the latest. */
export async function holdVersion(place: string, version: string): Promise<Disposable> {
  const file = await openLock(join(place, `${version}.lock`));
  // Nobody has it alone but who is alone in the place.
  await file.lock(false);
  return file;
}

/** Removes what nobody is going to finish, and versions that nobody uses. Only for who is alone. */
export async function removeOld(place: string, current: string): Promise<void> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(place)) names.push(name);
  for (const name of names) {
    const isOld = VERSION.test(name) && name !== current;
    if (name.startsWith(UNFINISHED)) await Deno.remove(join(place, name), { recursive: true });
    else if (isOld) await maybeRemove(place, name);
  }
}

async function maybeRemove(place: string, version: string): Promise<void> {
  const path = join(place, `${version}.lock`);
  using file = await openLock(path);
  if (!await lockWithin(file, ASK_MS)) return;
  await Deno.remove(join(place, version), { recursive: true });
  await Deno.remove(path);
}

function openLock(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
}

/** `lock` can't be called off; closed, the file is let go as soon as it has it. */
async function lockWithin(file: Deno.FsFile, limitMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const locked = file.lock(true).then(() => true);
  // After the limit nobody waits for it.
  locked.catch(() => {});
  try {
    return await Promise.race([locked, limit]);
  } finally {
    clearTimeout(timer);
  }
}
