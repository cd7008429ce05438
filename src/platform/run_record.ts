/**
 * What this program has running, in a file of its runtime directory: for the next one, should this one
 * and its helper be killed at once. The file is there only while something runs.
 *
 * @module
 */
import { join } from "@std/path";
import { StorageError } from "../core/mod.ts";
import { homeName } from "./cgroup.ts";
import type { Group } from "./reaper.ts";
import { forkCount, startTimeOf } from "./procfs.ts";

/** One process group that was started. */
export interface RecordedGroup extends Group {
  readonly runId: string;
}

/** The content of the file. */
export interface RunRecord {
  /** What every run id begins with. */
  readonly runPrefix: string;
  /** Changes when the machine starts anew: pids and start times of before mean nothing any more. */
  readonly machineBoot: string | null;
  /** How many processes the machine had started when it was written; `null` where that can't be told. */
  readonly forks: number | null;
  /** The program that has them running. */
  readonly supervisor: Group;
  readonly groups: readonly RecordedGroup[];
  /** The cgroup that all of them are in; `null` when there is none. */
  readonly cgroup: string | null;
  /** What the path of each directory begins with that was made for one of them; `null` = none was. */
  readonly privateDirs: string | null;
}

const FILE_NAME = "running.json";

export function machineBoot(): string | null {
  try {
    return Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  } catch {
    return null;
  }
}

/** The record of a program in `dir`, as it stands in the file. */
export class RunRecordFile {
  readonly #path: string;
  readonly #frame: Omit<RunRecord, "groups" | "cgroup" | "forks">;
  #isThere = false;

  constructor(dir: string, frame: Pick<RunRecord, "runPrefix" | "privateDirs">) {
    this.#path = join(dir, FILE_NAME);
    const supervisor = { pid: Deno.pid, startTime: startTimeOf(Deno.pid) };
    this.#frame = { ...frame, machineBoot: machineBoot(), supervisor };
  }

  /** Whether it was written and not removed. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Whole or not at all; it waits, so that it is there before anything else happens. */
  write(content: Pick<RunRecord, "groups" | "cgroup">): void {
    const beside = `${this.#path}.new`;
    const text = JSON.stringify({ ...this.#frame, forks: forkCount(), ...content }) + "\n";
    Deno.writeTextFileSync(beside, text, { mode: 0o600 });
    Deno.renameSync(beside, this.#path);
    this.#isThere = true;
  }

  remove(): void {
    this.#isThere = false;
    try {
      Deno.removeSync(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/**
 * The record that a program before has left in `dir`; `null` when there is none that makes sense. Throws
 * `StorageError`.
 */
export async function readRunRecord(dir: string): Promise<RunRecord | null> {
  const path = join(dir, FILE_NAME);
  const text = await Deno.readTextFile(path).catch((error) => nullIfNotThere(path, error));
  return text === null ? null : parseRunRecord(text);
}

/** Throws `StorageError`. */
export async function removeRunRecord(dir: string): Promise<void> {
  const path = join(dir, FILE_NAME);
  await Deno.remove(path).catch((error) => nullIfNotThere(path, error));
}

function nullIfNotThere(path: string, cause: unknown): null {
  if (cause instanceof Deno.errors.NotFound) return null;
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new StorageError(path, "read", {
    detail: `The record of what was running, ${path}, can't be used: ${why}.`,
    remedy: "Remove it if no engine is running, or use another runtime directory.",
    cause,
  });
}

/** Strict: what it says gets killed. */
function parseRunRecord(text: string): RunRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const { runPrefix, machineBoot, forks, supervisor, groups, cgroup, privateDirs } = value;
  if (typeof runPrefix !== "string" || !/^[0-9a-f]{8}-$/.test(runPrefix)) return null;
  if (!isGroup(supervisor) || !Array.isArray(groups) || !groups.every(isRecorded)) return null;
  return {
    runPrefix,
    machineBoot: typeof machineBoot === "string" ? machineBoot : null,
    forks: typeof forks === "number" ? forks : null,
    supervisor,
    groups,
    cgroup: toPath(cgroup, `/${homeName(runPrefix.slice(0, -1))}`),
    privateDirs: toPath(privateDirs, `/${runPrefix}`),
  };
}

/** `text` when it is a path that ends as one of that program has to: a name that nothing else has. */
function toPath(text: unknown, end: string): string | null {
  const isOne = typeof text === "string" && text.startsWith("/") && text.endsWith(end);
  return isOne ? text : null;
}

function isRecorded(value: unknown): value is RecordedGroup {
  // A signal to the group 1 would go to everybody.
  return isGroup(value) && value.pid > 1 && "runId" in value && typeof value.runId === "string";
}

function isGroup(value: unknown): value is Group {
  if (!isObject(value)) return false;
  const { pid, startTime } = value;
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid < 1) return false;
  return startTime === null || typeof startTime === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
