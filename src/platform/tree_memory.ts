/** What a process and all that descends from it have in memory, looked at once a second. */
import type { EngineCgroup } from "./cgroup.ts";
import { heldBytesOf, ledBy, memoryBoundOf, withEnvironment } from "./procfs.ts";

/** Where there is no cgroup to tell who belongs to it, the whole process table is looked through so often. */
const LOOKS_PER_SEARCH = 5;

export interface TreeMemoryOptions {
  readonly leader: number;
  readonly runId: string;
  readonly cgroup: EngineCgroup | null;
}

export class TreeMemory {
  readonly #options: TreeMemoryOptions;
  #members: readonly number[] = [];
  #looks = 0;

  constructor(options: TreeMemoryOptions) {
    this.#options = options;
    this.#members = [options.leader];
  }

  /**
   * PSS and swap of all of them in bytes, when that is more than `maxBytes`; else `null`. Their resident
   * memory, which costs little to read, is never less: mostly it tells enough.
   */
  async excessOf(maxBytes: number): Promise<number | null> {
    const members = await this.#findMembers();
    if (await sum(members, memoryBoundOf) <= maxBytes) return null;
    const held = await sum(members, heldBytesOf);
    return held > maxBytes ? held : null;
  }

  /** PSS and swap of all of them in bytes. */
  async heldBytes(): Promise<number> {
    return await sum(await this.#findMembers(), heldBytesOf);
  }

  async #findMembers(): Promise<readonly number[]> {
    const { leader, runId, cgroup } = this.#options;
    if (cgroup?.isPopulated() === true) return cgroup.pids();
    if (this.#looks++ % LOOKS_PER_SEARCH !== 0) return this.#members;
    const found = new Set([leader]);
    for await (const pid of ledBy(new Set([leader]))) found.add(pid);
    for await (const pid of withEnvironment(`AI_ENGINE_RUN=${runId}\0`)) found.add(pid);
    return this.#members = [...found];
  }
}

async function sum(
  pids: readonly number[],
  bytesOf: (pid: number) => Promise<number>,
): Promise<number> {
  const all = await Promise.all(pids.map(bytesOf));
  return all.reduce((total, bytes) => total + bytes, 0);
}
