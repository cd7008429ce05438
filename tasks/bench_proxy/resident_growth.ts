/** How much more memory a process takes at its peak than it took at first. Linux only. */
import { readStatusMib } from "../bench/proc_files.ts";

/** Remembers what each process took before anything was asked of it. */
export class Growth {
  readonly #atFirst = new Map<number, number>();

  /** Begins to watch a process for its peak from now on. */
  async begin(pid: number): Promise<{ peak(): Promise<number> }> {
    const first = this.#atFirst.get(pid) ?? await readStatusMib(pid, "VmRSS");
    this.#atFirst.set(pid, first);
    await Deno.writeTextFile(`/proc/${pid}/clear_refs`, RESET_PEAK);
    return { peak: async () => await readStatusMib(pid, "VmHWM") - first };
  }
}

/** To /proc/PID/clear_refs: the peak begins anew at what is resident now. */
const RESET_PEAK = "5";
