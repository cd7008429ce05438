/** The processes of one supervisor's engines, all that were ever seen. */
import { type Process, processTable, variableOf } from "./process_table.ts";

/** A process of an engine, and by what it was known. */
export interface Member extends Process {
  /** `undefined` = it has shed its environment, and is known by its session or group. */
  readonly runId: string | undefined;
}

/**
 * Who belongs to it: whoever carries a run id and the runtime directory of the supervisor in its
 * environment, or is of a session or group in which such a one was seen.
 */
export class Family {
  readonly #runtimeDir: string;
  /** Sessions and groups in which somebody was seen; with the start of their leader, if that was there. */
  readonly #houses = new Map<number, number | undefined>();

  readonly #boots = new Set<string>();

  /** `runtimeDir` is the supervisor's `XDG_RUNTIME_DIR`, which nobody else may have. */
  constructor(runtimeDir: string) {
    this.#runtimeDir = runtimeDir;
  }

  /** What the run ids begin with: one for each life of the supervisor of which somebody was seen. */
  get boots(): ReadonlySet<string> {
    return this.#boots;
  }

  /** All who live. Their sessions and groups are known from now on. */
  async look(): Promise<Member[]> {
    const table = await processTable();
    const byPid = new Map(table.map((process) => [process.pid, process]));
    const members: Member[] = [];
    for (const process of table) {
      const runId = await this.#runIdOf(process.pid);
      if (runId === undefined) continue;
      members.push({ ...process, runId });
      this.#boots.add(runId.split("-", 1)[0] ?? "");
      for (const house of [process.session, process.group]) {
        const began = byPid.get(house)?.began;
        if (began !== undefined || !this.#houses.has(house)) this.#houses.set(house, began);
      }
    }
    const known = new Set(members.map(({ pid }) => pid));
    for (const process of table) {
      const isOurs = this.#isOpen(process.session, byPid) || this.#isOpen(process.group, byPid);
      if (isOurs && !known.has(process.pid)) members.push({ ...process, runId: undefined });
    }
    return members;
  }

  /** The run id of a process of ours: one of another supervisor's engine has another directory. */
  async #runIdOf(pid: number): Promise<string | undefined> {
    const runId = await variableOf(pid, "AI_ENGINE_RUN");
    if (runId === undefined) return undefined;
    return await variableOf(pid, "XDG_RUNTIME_DIR") === this.#runtimeDir ? runId : undefined;
  }

  /** Whether a session or group is the one that was seen, and not a later one of the same number. */
  #isOpen(house: number, byPid: ReadonlyMap<number, Process>): boolean {
    if (!this.#houses.has(house)) return false;
    const leader = byPid.get(house);
    return leader === undefined || leader.began === this.#houses.get(house);
  }
}

/** For people. */
export function describe({ pid, name, parent, session, runId }: Member): string {
  return `${name} ${pid} (parent ${parent}, session ${session}, ${runId ?? "no run id"})`;
}
