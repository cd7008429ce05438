/** The files of the kernel's cgroup tree, as far as this program uses them. */

/** All wait for nothing: the kernel makes these files in memory. None throws. */
export interface CgroupFiles {
  /** Makes a directory; one that is there already is not made. */
  make(dir: string): boolean;
  isWritable(path: string): boolean;
  /** Whether the kernel took it. */
  write(path: string, value: string): boolean;
  /** The same where the kernel takes its time, which nobody here waits for. */
  writeSlowly(path: string, value: string): Promise<boolean>;
  /** `null` when there is nothing to be read. */
  read(path: string): string | null;
  /** The processes in `dir` and all directories below it. */
  pids(dir: string): number[];
  /** Removes `dir` with all directories in it, if no process is left in any; whether it is gone. */
  remove(dir: string): boolean;
}

export const systemCgroupFiles: CgroupFiles = {
  make: (dir) => works(() => Deno.mkdirSync(dir)),
  isWritable: (path) => works(() => Deno.openSync(path, { write: true }).close()),
  // Not made when it is not there: elsewhere than in a cgroup that would work.
  write: (path, value) => works(() => Deno.writeTextFileSync(path, value, { create: false })),
  writeSlowly: (path, value) =>
    Deno.writeTextFile(path, value, { create: false }).then(() => true, () => false),
  read(path) {
    try {
      return Deno.readTextFileSync(path);
    } catch {
      return null;
    }
  },
  pids: pidsIn,
  remove: (dir) => works(() => removeDirs(dir)),
};

function pidsIn(dir: string): number[] {
  const text = systemCgroupFiles.read(`${dir}/cgroup.procs`) ?? "";
  return [
    ...text.split("\n").map(Number).filter((pid) => pid > 0),
    ...dirsIn(dir).flatMap(pidsIn),
  ];
}

function dirsIn(dir: string): string[] {
  try {
    return Array.from(Deno.readDirSync(dir))
      .filter(({ isDirectory }) => isDirectory)
      .map(({ name }) => `${dir}/${name}`);
  } catch {
    return [];
  }
}

function removeDirs(dir: string): void {
  for (const inner of dirsIn(dir)) removeDirs(inner);
  try {
    Deno.removeSync(dir);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function works(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
