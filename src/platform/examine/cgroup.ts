import { join } from "@std/path";
import type { CgroupState } from "../../core/mod.ts";
import { CgroupHome, locateCgroup } from "../cgroup.ts";

/** Makes one for a moment, where that can be done. */
export function examineCgroup(pid: number | null): CgroupState {
  if (Deno.build.os !== "linux") return { kind: "none", why: "this system has none" };
  const base = baseOf(pid);
  if (base === null) return { kind: "none", why: "no cgroup2 is to be seen here" };
  const home = CgroupHome.make(base, `doctor-${Deno.pid}`);
  if (home === null) {
    return { kind: "none", why: `${base} is not writable, or has no cgroup.kill (Linux 5.14)` };
  }
  const controllers = home.files.read(join(base, "cgroup.controllers")) ?? "";
  home.remove();
  return { kind: "works", path: base, limitsMemory: controllers.split(/\s+/).includes("memory") };
}

function baseOf(pid: number | null): string | null {
  try {
    const [mounts, own] = ["mountinfo", "cgroup"]
      .map((name) => Deno.readTextFileSync(`/proc/${pid ?? "self"}/${name}`));
    return locateCgroup(mounts ?? "", own ?? "");
  } catch {
    return null;
  }
}
