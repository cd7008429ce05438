/**
 * The helper that ends what this program leaves behind when it is killed: a shell in a session of its
 * own that holds the read end of a pipe, and at its end kills the groups it was told of, then whatever
 * is in the engines' cgroup or carries a run id of this boot. It is replaced when it is killed itself.
 *
 * @module
 */
import { lackOf } from "./lack.ts";
import script from "./reaper.sh" with { type: "text" };

/** A process group as the process table tells it from a later one of the same number. */
export interface Group {
  /** Pid of its leader. */
  readonly pid: number;
  /** When the leader began, in the kernel's ticks; `null` where that can't be told. */
  readonly startTime: string | null;
}

export interface ReaperOptions {
  /** What every run id begins with. */
  readonly runPrefix: string;
  /** The cgroup that all of them are in; `null` when there is none. */
  readonly cgroup: () => string | null;
  /** What the path of each directory begins with that goes when all are gone; `null` = none. */
  readonly privateDirs: string | null;
  /** The groups that a new helper is told of. */
  readonly groups: () => Iterable<Group>;
  /** Told when no helper can be started, with the cause. */
  readonly onMissing: (why: string) => void;
}

/** A helper that lives shorter than this did not come up; the next one waits a little longer. */
const SOUND_LIFE_MS = 1_000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 10_000;

/** How long a helper may take to go when it is told. */
const BYE_LIMIT_MS = 500;

export class Reaper {
  readonly #options: ReaperOptions;
  /** Held for as long as it lives: were the pipe collected, the helper would take us for dead. */
  #helper: Helper | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  /** Pid of the helper; `null` while there is none. */
  get pid(): number | null {
    return this.#helper?.pid ?? null;
  }

  /** Has a helper running when this returns, if one can be started. */
  start(): void {
    if (this.#helper !== undefined || this.#isClosed) return;
    clearTimeout(this.#timer);
    const { onMissing } = this.#options;
    try {
      const helper = this.#helper = new Helper(this.#options);
      const startedAt = performance.now();
      helper.gone.then(() => this.#replace(performance.now() - startedAt), onMissing);
    } catch (error) {
      onMissing(error instanceof Error ? error.message : String(error));
      // What there is not enough of now may be there again.
      if (lackOf(error) !== null) this.#replace(0);
    }
  }

  add(group: Group): void {
    this.#helper?.tell(toLine("add", group));
  }

  remove(group: Group): void {
    this.#helper?.tell(toLine("remove", group));
  }

  /** Sends the helper away; it ends nothing any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#helper?.sendAway();
  }

  #replace(livedMs: number): void {
    this.#helper = undefined;
    if (this.#isClosed) return;
    if (livedMs >= SOUND_LIFE_MS) this.#pauseMs = 0;
    this.#timer = setTimeout(() => this.start(), this.#pauseMs);
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
  }
}

class Helper {
  readonly pid: number;
  /** Resolves when it is gone and reaped; never rejects. */
  readonly gone: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  constructor({ runPrefix, cgroup, privateDirs, groups }: ReaperOptions) {
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", script, runPrefix, cgroup() ?? "", privateDirs ?? "", script],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      // A session of its own: no terminal's Ctrl-C and no group's SIGKILL reaches it.
      detached: true,
      cwd: "/",
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" },
    }).spawn();
    this.pid = this.#child.pid;
    this.#input = this.#child.stdin.getWriter();
    const close = () => this.#input.close().catch(() => {});
    this.gone = this.#child.status.then(close, close);
    const lines = Array.from(groups(), (group) => toLine("add", group)).join("");
    if (lines !== "") this.tell(lines);
  }

  tell(lines: string): void {
    this.#input.write(new TextEncoder().encode(lines)).catch(() => {
      // It is gone; the next one is told everything.
    });
  }

  async sendAway(): Promise<void> {
    this.tell("bye\n");
    // One that is stopped does not read.
    const limit = setTimeout(() => {
      try {
        this.#child.kill("SIGKILL");
      } catch {
        // It has just gone.
      }
    }, BYE_LIMIT_MS);
    await this.gone;
    clearTimeout(limit);
  }
}

function toLine(verb: "add" | "remove", { pid, startTime }: Group): string {
  return `${verb} ${pid} ${startTime ?? "-"}\n`;
}
