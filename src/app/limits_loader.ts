import type { EngineSettings } from "../config/mod.ts";
import { loadLimits, type PrepareLimits } from "../platform/mod.ts";
import { hasLimits } from "../supervisor/mod.ts";

/** What sets limits on engines, loaded once one of them has any. */
export class LimitsLoader {
  #prepare: PrepareLimits | undefined;

  async loadFor(engines: readonly EngineSettings[]): Promise<void> {
    if (engines.some(hasLimits)) this.#prepare ??= await loadLimits();
  }

  /** For engines that it was loaded for. */
  readonly prepare: PrepareLimits = (limits, cgroup) => {
    if (this.#prepare === undefined) throw new TypeError("Limits of engines were not loaded");
    return this.#prepare(limits, cgroup);
  };
}
