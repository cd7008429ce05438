/** A control group that says how many processes and threads there may be in it. Linux, root. */

const ROOT = "/sys/fs/cgroup/pids";

export class PidsLimit implements AsyncDisposable {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Whether there can be one here. */
  static get isPossible(): boolean {
    if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
    try {
      const path = Deno.makeTempDirSync({ dir: ROOT });
      Deno.removeSync(path);
      return true;
    } catch {
      return false;
    }
  }

  /** For the process `pid` and what it starts from now on; no limit yet. */
  static async around(pid: number): Promise<PidsLimit> {
    const limit = new PidsLimit(await Deno.makeTempDir({ dir: ROOT, prefix: "ai-engine-" }));
    await limit.#write("cgroup.procs", String(pid));
    return limit;
  }

  /** From now on there can be no more than there are. */
  async close(): Promise<void> {
    await this.#write("pids.max", "1");
  }

  async open(): Promise<void> {
    await this.#write("pids.max", "max");
  }

  /** Whatever is in it lives on outside. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.open();
    const pids = await Deno.readTextFile(`${this.#path}/cgroup.procs`);
    for (const pid of pids.split("\n").filter((line) => line !== "")) {
      // It may be gone by now.
      await Deno.writeTextFile(`${ROOT}/cgroup.procs`, pid).catch(() => {});
    }
    await Deno.remove(this.#path);
  }

  async #write(file: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.#path}/${file}`, text);
  }
}
