/** Cgroups for tests: real ones where this machine lets us make them, and the kernel's part by hand. */
import { CgroupHome, findOwnCgroup } from "../../../src/platform/cgroup.ts";
import { type CgroupFiles, systemCgroupFiles } from "../../../src/platform/cgroup_files.ts";
import { until } from "./until.ts";

/** Whether tests can make cgroups here: as root, or where one is delegated. */
export const hasCgroups = canMakeCgroups();

function canMakeCgroups(): boolean {
  const own = findOwnCgroup();
  const home = own === null ? null : CgroupHome.make(own, `probe-${Deno.pid}`);
  home?.remove();
  return home !== null;
}

let made = 0;

/** Calls `use` with the directory of a new cgroup; all in it is ended and it is gone afterwards. */
export async function withCgroup(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = `${findOwnCgroup()}/ai-engine-test-${Deno.pid}-${++made}`;
  Deno.mkdirSync(dir);
  try {
    await use(dir);
  } finally {
    systemCgroupFiles.write(`${dir}/cgroup.kill`, "1");
    await until("the cgroup is gone", () => systemCgroupFiles.remove(dir));
  }
}

export function cgroupsIn(dir: string): string[] {
  return Array.from(Deno.readDirSync(dir)).flatMap(({ name, isDirectory }) =>
    isDirectory ? [name] : []
  );
}

/**
 * A cgroup tree of text, with the rules that matter for a memory limit: the files of a controller are
 * there once the directory above hands it on, which it can't while a process is in it.
 */
export class FakeCgroupTree implements CgroupFiles {
  readonly files = new Map<string, string>();
  readonly #occupied: ReadonlySet<string>;

  constructor(root: string, options: { readonly controllers: string; readonly occupied?: string }) {
    this.#occupied = new Set(options.occupied === undefined ? [] : [options.occupied]);
    this.#fill(root, options.controllers);
  }

  make(dir: string): boolean {
    const above = this.files.get(`${dir.slice(0, dir.lastIndexOf("/"))}/cgroup.subtree_control`);
    if (above === undefined || this.files.has(`${dir}/cgroup.procs`)) return false;
    this.#fill(dir, above);
    return true;
  }

  isWritable(path: string): boolean {
    return this.files.has(path);
  }

  write(path: string, value: string): boolean {
    if (!this.files.has(path)) return false;
    if (!path.endsWith("/cgroup.subtree_control")) {
      this.files.set(path, value);
      return true;
    }
    const dir = path.slice(0, path.lastIndexOf("/"));
    const name = value.slice(1);
    const offered = (this.files.get(`${dir}/cgroup.controllers`) ?? "").split(" ");
    if (!offered.includes(name) || this.#occupied.has(dir)) return false;
    this.files.set(path, name);
    for (const inner of this.#dirsIn(dir)) this.#fill(inner, name);
    return true;
  }

  writeSlowly(path: string, value: string): Promise<boolean> {
    return Promise.resolve(this.write(path, value));
  }

  read(path: string): string | null {
    return this.files.get(path) ?? null;
  }

  pids(): number[] {
    return [];
  }

  remove(dir: string): boolean {
    for (const path of this.files.keys()) {
      if (path.startsWith(`${dir}/`)) this.files.delete(path);
    }
    return true;
  }

  #fill(dir: string, controllers: string): void {
    const set = (name: string, value: string) => this.files.set(`${dir}/${name}`, value);
    for (const name of ["procs", "kill", "events"]) set(`cgroup.${name}`, "");
    set("cgroup.controllers", controllers);
    set("cgroup.subtree_control", "");
    if (!controllers.split(" ").includes("memory")) return;
    set("memory.max", "max");
    set("memory.oom.group", "0");
    set("memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n");
  }

  #dirsIn(dir: string): string[] {
    return Array.from(this.files.keys())
      .filter((path) => path.startsWith(`${dir}/`) && path.endsWith("/cgroup.procs"))
      .map((path) => path.slice(0, path.lastIndexOf("/")))
      .filter((path) => path !== dir && path.lastIndexOf("/") === dir.length);
  }
}
