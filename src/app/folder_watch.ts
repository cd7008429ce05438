import { dirname } from "@std/path";
import type { Clock, Timer } from "../core/mod.ts";
import { systemFiles, type WatchedFolder, watchFolder } from "../platform/mod.ts";

/** Several files may come one after the other. */
const QUIET_MS = 200;

/** So often it is tried to watch a folder that goes meanwhile. */
const TRIES = 5;

export interface FolderWatchOptions {
  /** Absolute; it need not be there. */
  readonly path: string;
  readonly clock: Clock;
  /** Something may have come into it or gone. */
  readonly onChange: () => void;
  /** It can't be watched. */
  readonly onTrouble: () => void;
}

/** Tells when files come into a folder or go, also of a folder that is made later. Nothing is polled. */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  #watched: WatchedFolder | null = null;
  #timer: Timer | undefined;
  /** The folder that is watched may be gone, or a nearer one there. */
  #isStale = false;
  #isClosed = false;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  /** Begins to watch, or does so anew: the folder, or the nearest above it that is there. */
  async arm(): Promise<void> {
    this.#isStale = false;
    for (let tries = 0; tries < TRIES; tries++) {
      this.#watched?.close();
      await this.#watched?.ended;
      this.#watched = null;
      const dir = await this.#nearest();
      if (this.#isClosed) return;
      this.#watched = watchFolder(dir, ({ kind, paths }) => {
        const isOnWay = paths.some((path) => isAtOrAbove(path, this.#options.path));
        if (isOnWay && kind !== "modify") this.#isStale = true;
        // What stands in a file does not matter; it grows as long as it is copied.
        if (kind === "modify" || !(isOnWay || dir === this.#options.path)) return;
        this.#lookSoon();
      });
      // A nearer one may have come before this one was watched.
      if (this.#watched !== null && await this.#nearest() === dir) return;
    }
    this.#options.onTrouble();
  }

  /** Nothing is told any more. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#watched?.close();
  }

  #lookSoon(): void {
    if (this.#isClosed) return;
    const { clock, onTrouble } = this.#options;
    this.#timer ??= clock.at(clock.now() + QUIET_MS, () => {
      this.#timer = undefined;
      this.#look().catch(onTrouble);
    });
  }

  async #look(): Promise<void> {
    if (this.#isStale) await this.arm();
    if (!this.#isClosed) this.#options.onChange();
  }

  async #nearest(): Promise<string> {
    let dir = this.#options.path;
    while (dir !== dirname(dir) && await systemFiles.info(dir) === null) dir = dirname(dir);
    return dir;
  }
}

function isAtOrAbove(path: string, other: string): boolean {
  return other === path || other.startsWith(`${path}/`);
}
