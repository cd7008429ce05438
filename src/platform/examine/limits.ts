import { dirname, join } from "@std/path";
import type { LimitState } from "../../core/mod.ts";
import { parseLimits } from "../process_limits.ts";

export async function examineLimits(pid: number | null): Promise<LimitState> {
  const place = `/proc/${pid ?? "self"}`;
  const text = await read(`${place}/limits`) ?? "";
  return {
    descriptors: parseLimits(text, "files"),
    // Root may have more than its limit.
    threadsLeft: Deno.uid() === 0
      ? Infinity
      : parseLimits(text, "processes") - await countThreads(),
    pidsLeft: await pidsLeftIn(await read(`${place}/cgroup`) ?? ""),
  };
}

/** Of this user, in all processes. */
async function countThreads(): Promise<number> {
  if (Deno.build.os !== "linux") return 0;
  let count = 0;
  for await (const { name } of Deno.readDir("/proc")) {
    const status = /^\d+$/.test(name) ? await read(`/proc/${name}/status`) : null;
    if (status === null || numberOf(status, "Uid") !== Deno.uid()) continue;
    count += numberOf(status, "Threads");
  }
  return count;
}

function numberOf(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? NaN);
}

/** The least that any cgroup around lets in, of those in /proc/PID/cgroup; both kinds of cgroups. */
async function pidsLeftIn(own: string): Promise<number> {
  let left = Infinity;
  for (const line of own.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined || (controllers !== "" && controllers !== "pids")) continue;
    const root = controllers === "" ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids";
    for (let at = path;; at = dirname(at)) {
      const [max, now] = await Promise.all(
        ["pids.max", "pids.current"].map((name) => read(join(root, at, name))),
      );
      // `max` stands for none.
      const most = Number(max ?? NaN);
      if (!Number.isNaN(most)) left = Math.min(left, most - Number(now ?? 0));
      if (at === "/") break;
    }
  }
  return left;
}

async function read(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return null;
  }
}
