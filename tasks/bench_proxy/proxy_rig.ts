/** What the proxy bench measures with. */
import { compileC } from "../bench/c_tools.ts";
import { findExecutable, findOneCore, fromSource, type Subject } from "../bench/rig.ts";
import type { RigOptions } from "../bench/run_bench.ts";
import type { Yard } from "../bench/yard.ts";
import type { Part } from "../support/part.ts";
import { inRoot } from "../support/root.ts";
import { type Programs, setUpPrograms } from "./packages.ts";

export interface ProxyRig {
  readonly yard: Yard;
  /** Fewer and shorter rounds. */
  readonly isQuick: boolean;
  readonly source: Subject;
  readonly executable: Part;
  /** proxy_backend.c and proxy_client.c, compiled. */
  readonly backend: Part;
  readonly client: Part;
  readonly programs: Programs;
  /** Put before a command that has to stay on one core; empty where there is no `taskset`. */
  readonly oneCore: readonly string[];
}

/** Sets up what can be set up; what is missing says why. */
export async function setUpProxyRig(yard: Yard, options: RigOptions): Promise<ProxyRig> {
  return {
    yard,
    isQuick: options.isQuick,
    source: fromSource(Deno.execPath()),
    executable: await findExecutable(options.executable),
    backend: await compileC(inRoot("tasks", "bench_proxy", "proxy_backend.c")),
    client: await compileC(inRoot("tasks", "bench_proxy", "proxy_client.c")),
    programs: await setUpPrograms(),
    oneCore: await findOneCore(),
  };
}
