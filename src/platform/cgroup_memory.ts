/**
 * The memory limit of a cgroup: `memory.max`, kept by the kernel.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import type { CgroupHome, EngineCgroup } from "./cgroup.ts";

/** Lets what is in `home` be limited in its memory; says why not when that can't be. */
export function enableMemory({ dir, files }: CgroupHome): string | null {
  const base = dirname(dir);
  if (!(files.read(join(base, "cgroup.controllers")) ?? "").split(/\s+/).includes("memory")) {
    return `there is no memory controller in ${base}`;
  }
  for (const parent of [base, dir]) {
    if (!files.write(join(parent, "cgroup.subtree_control"), "+memory")) {
      return `${parent} can't hand its memory controller on`;
    }
  }
  return null;
}

/** Holds all that are in `cgroup` together to `maxBytes`; `false` when the kernel does not take it. */
export function limitMemory(cgroup: EngineCgroup, maxBytes: number): boolean {
  if (!cgroup.write("memory.max", String(maxBytes))) return false;
  // Not there where there is no swap: then there is nothing to get around the limit by.
  cgroup.write("memory.swap.max", "0");
  // One process less would leave an engine that is broken.
  cgroup.write("memory.oom.group", "1");
  return true;
}

/** Whether the kernel has ended processes of `cgroup` for their memory. */
export function wasOverMemory(cgroup: EngineCgroup): boolean {
  return /^oom_kill [1-9]/m.test(cgroup.read("memory.events") ?? "");
}
