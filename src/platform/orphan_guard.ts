/**
 * Sees to it that no process outlives this program, even when it is killed: a helper ends what is left
 * (reaper.sh), and should that be killed along with it, the next program finds a record of what ran.
 *
 * @module
 */
import { CgroupHome, type EngineCgroup, findOwnCgroup } from "./cgroup.ts";
import { lackOf } from "./lack.ts";
import { startTimeOf } from "./procfs.ts";
import { Reaper } from "./reaper.ts";
import { type RecordedGroup, type RunRecord, RunRecordFile } from "./run_record.ts";

/** How long the record may lag behind what runs. */
const RECORD_MS = 100;

/** How long after a lack of descriptors it is tried again. */
const RETRY_MS = 1_000;

export interface OrphanGuardOptions {
  /** The runtime directory, which this program holds the lock of. */
  readonly dir: string;
  /** New with each start of the program; first part of every run id, before a `-`. */
  readonly boot: string;
  /** Where a cgroup for the engines is made, if that can be done. @default this program's own cgroup */
  readonly cgroup?: string | null;
  /** What the path of each directory begins with that is made for an engine of another user. */
  readonly privateDirs?: string;
  /** Told at most once of each thing that makes the guard weaker than it should be. */
  readonly onWeak: (title: string, detail: string) => void;
}

export class OrphanGuard {
  readonly #options: OrphanGuardOptions;
  readonly #record: RunRecordFile;
  readonly #reaper: Reaper;
  /** By run id. */
  readonly #groups = new Map<string, RecordedGroup>();
  readonly #cgroups = new Map<string, EngineCgroup>();
  /** Made with the first engine, there while something runs; `null` where none can be. */
  #home: CgroupHome | null | undefined;
  readonly #told = new Set<string>();
  /** Set while the record waits to be brought up to date. */
  #late: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OrphanGuardOptions) {
    this.#options = options;
    const { dir, boot, privateDirs = null } = options;
    const runPrefix = `${boot}-`;
    this.#record = new RunRecordFile(dir, { runPrefix, privateDirs });
    this.#reaper = new Reaper({
      runPrefix,
      privateDirs,
      cgroup: () => this.#home?.dir ?? null,
      groups: () => this.#groups.values(),
      onMissing: (why) =>
        this.#tellOnce("No clean-up helper", `Should this program be killed, engines stay: ${why}`),
    });
  }

  /** Pid of the helper; `null` while there is none. */
  get helperPid(): number | null {
    return this.#reaper.pid;
  }

  /**
   * Starts a process with `spawn`, to be put into the cgroup, if there is one; there is no moment at which
   * it is there and nobody knows.
   */
  watch<T extends { readonly pid: number }>(
    runId: string,
    spawn: (cgroup: EngineCgroup | null) => T,
  ): T {
    if (this.#home === undefined) this.#home = this.#makeHome();
    // Before the first process, and not earlier: who runs no engine needs no helper.
    this.#reaper.start();
    // By what its run id begins with it can be found from now on.
    if (!this.#record.isThere) this.#keepRecord(() => this.#record.write(this.#content));
    const cgroup = this.#home?.makeEngine(runId) ?? null;
    if (cgroup !== null) this.#cgroups.set(runId, cgroup);
    try {
      const child = spawn(cgroup);
      const group = { pid: child.pid, startTime: startTimeOf(child.pid), runId };
      this.#groups.set(runId, group);
      this.#reaper.add(group);
      return child;
    } catch (error) {
      this.#removeCgroup(runId);
      throw error;
    } finally {
      this.#recordSoon();
    }
  }

  /** Nothing is left of the process with this run id. */
  forget(runId: string): void {
    const group = this.#groups.get(runId);
    if (group === undefined) return;
    this.#groups.delete(runId);
    this.#removeCgroup(runId);
    this.#reaper.remove(group);
    this.#recordSoon();
  }

  /** The end of the program. Whatever could not be ended is the helper's, once the program is gone. */
  async close(): Promise<void> {
    this.#recordAll();
    if (this.#groups.size > 0) return;
    await this.#reaper.close();
    this.#home?.remove();
  }

  #makeHome(): CgroupHome | null {
    const { cgroup = findOwnCgroup(), boot } = this.#options;
    return cgroup === null ? null : CgroupHome.make(cgroup, boot);
  }

  #removeCgroup(runId: string): void {
    this.#cgroups.get(runId)?.remove();
    this.#cgroups.delete(runId);
  }

  get #content(): Pick<RunRecord, "cgroup" | "groups"> {
    return { cgroup: this.#home?.dir ?? null, groups: [...this.#groups.values()] };
  }

  /** Not at once: a start is being waited for, and its run id begins as the record says. */
  #recordSoon(): void {
    if (this.#groups.size === 0) return this.#recordAll();
    this.#recordIn(RECORD_MS);
  }

  #recordIn(ms: number): void {
    this.#late ??= setTimeout(() => this.#recordAll(), ms);
  }

  #recordAll(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    this.#keepRecord(() => {
      if (this.#groups.size > 0) return this.#record.write(this.#content);
      this.#record.remove();
      // Without a record nobody would know of it, should this program and its helper be killed now.
      this.#home?.remove();
    });
  }

  #keepRecord(change: () => void): void {
    try {
      change();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tellOnce("Running engines not recorded", why);
      if (lackOf(error) !== null) this.#recordIn(RETRY_MS);
    }
  }

  #tellOnce(title: string, detail: string): void {
    if (this.#told.has(title)) return;
    this.#told.add(title);
    this.#options.onWeak(title, detail);
  }
}
