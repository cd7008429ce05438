/**
 * Control groups (cgroup2) of engines: what a process can't shed, and `cgroup.kill`, which ends all that
 * is in one at once. Used wherever the cgroup of this program is writable: as root, or delegated.
 *
 * @module
 */
import { join } from "@std/path";
import { type CgroupFiles, systemCgroupFiles } from "./cgroup_files.ts";

/**
 * A cgroup of this name holds the program alone, so that the one above it, free of processes, can hand
 * controllers on to those beside it (systemd: `DelegateSubgroup=`).
 */
const OWN_ROOM = "/ai-engine-supervisor";

/** Where this program may make cgroups: in its own; `null` where there is none to be seen. */
export function findOwnCgroup(): string | null {
  if (Deno.build.os !== "linux") return null;
  try {
    const [mounts, own] = ["mountinfo", "cgroup"]
      .map((name) => Deno.readTextFileSync(`/proc/self/${name}`));
    return locateCgroup(mounts ?? "", own ?? "");
  } catch {
    return null;
  }
}

/** Where a process may make cgroups, from its /proc/PID/mountinfo and its /proc/PID/cgroup. */
export function locateCgroup(mounts: string, own: string): string | null {
  const inner = /^0::(\/.*)$/m.exec(own)?.[1];
  const path = inner?.endsWith(OWN_ROOM) ? inner.slice(0, -OWN_ROOM.length) || "/" : inner;
  // Outside of what its namespace shows: `/../…`.
  if (path === undefined || path.split("/").includes("..")) return null;
  for (const line of mounts.split("\n")) {
    const fields = line.split(" ");
    if (fields[fields.indexOf("-") + 1] !== "cgroup2") continue;
    const [root = "", mountPoint = ""] = fields.slice(3, 5).map(unescape);
    const inside = root === "/" ? path : path.slice(root.length);
    if (root !== "/" && !path.startsWith(root)) continue;
    if (inside === "" || inside.startsWith("/")) return join(mountPoint, inside).replace(/\/$/, "");
  }
  return null;
}

/** Blanks and backslashes stand as octal numbers there. */
function unescape(field: string): string {
  return field.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
}

/** What the cgroup of the program with this `boot` is called. */
export function homeName(boot: string): string {
  return `ai-engine-${boot}`;
}

/** The cgroup that all engines of this program are in, each in one of its own. */
export class CgroupHome {
  readonly dir: string;
  readonly files: CgroupFiles;

  private constructor(dir: string, files: CgroupFiles) {
    this.dir = dir;
    this.files = files;
  }

  /** Made in `base`; `null` where that is not ours to do, or no `cgroup.kill` comes with it (Linux 5.14). */
  static make(base: string, boot: string, files = systemCgroupFiles): CgroupHome | null {
    const dir = join(base, homeName(boot));
    if (!files.make(dir)) return null;
    const home = new CgroupHome(dir, files);
    // To be moved, a process needs both that are above the old and the new place.
    const needed = [
      join(base, "cgroup.procs"),
      join(dir, "cgroup.procs"),
      join(dir, "cgroup.kill"),
    ];
    if (needed.every((path) => files.isWritable(path))) return home;
    home.remove();
    return null;
  }

  /** The one that a program before has left. */
  static find(dir: string): CgroupHome {
    return new CgroupHome(dir, systemCgroupFiles);
  }

  /** For the process with this run id; `null` when it can't be made. */
  makeEngine(runId: string): EngineCgroup | null {
    this.files.make(this.dir); // gone since nothing was in it
    const dir = join(this.dir, runId);
    return this.files.make(dir) ? new EngineCgroup(dir, this) : null;
  }

  /** Whether somebody is in it or in a cgroup below it, also one that dies and is no longer named. */
  isPopulated(): boolean {
    return isPopulated(this.files.read(join(this.dir, "cgroup.events")));
  }

  /** Live processes in it and in all cgroups below it. */
  pids(): number[] {
    return this.files.pids(this.dir);
  }

  /** SIGKILL to all of them, those that are being forked as well. */
  kill(): void {
    this.files.write(join(this.dir, "cgroup.kill"), "1");
  }

  /** What is empty goes; another engine brings it back. */
  remove(): void {
    this.files.remove(this.dir);
  }
}

/** The cgroup of one engine's process and of all that it starts. */
export class EngineCgroup {
  readonly dir: string;
  readonly home: CgroupHome;
  readonly #files: CgroupFiles;

  constructor(dir: string, home: CgroupHome) {
    this.dir = dir;
    this.home = home;
    this.#files = home.files;
  }

  /** What a process writes its number to in order to be in it. */
  get procs(): string {
    return join(this.dir, "cgroup.procs");
  }

  /**
   * Puts in a process that has just begun, and what it has started by then; its own children are in from
   * then on. Resolves when that is done, or can't be any more.
   */
  async takeIn(pid: number): Promise<void> {
    if (!await this.#files.writeSlowly(this.procs, String(pid))) return;
    // Those that began before their parent was in it.
    for (const child of this.#files.read(`/proc/${pid}/task/${pid}/children`)?.split(" ") ?? []) {
      if (Number(child) > 0 && !this.pids().includes(Number(child))) {
        await this.takeIn(Number(child));
      }
    }
  }

  /** Whether a live process is in it; a zombie is not. */
  isPopulated(): boolean {
    return isPopulated(this.read("cgroup.events"));
  }

  /** Live processes in it and in cgroups that they made in it. */
  pids(): number[] {
    return this.#files.pids(this.dir);
  }

  /** SIGKILL to all that are in it, those that are being forked as well. */
  kill(): void {
    this.write("cgroup.kill", "1");
  }

  /** One of the kernel's files in it; `null` when there is nothing to be read. */
  read(name: string): string | null {
    return this.#files.read(join(this.dir, name));
  }

  /** Whether the kernel took it. */
  write(name: string, value: string): boolean {
    return this.#files.write(join(this.dir, name), value);
  }

  /** Whether it was empty and is gone. */
  remove(): boolean {
    return this.#files.remove(this.dir);
  }
}

function isPopulated(events: string | null): boolean {
  return /^populated 1$/m.test(events ?? "");
}
