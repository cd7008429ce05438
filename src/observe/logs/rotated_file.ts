/**
 * A file of lines that stays within its bounds: when it is full it becomes `PATH.1`, what was that
 * becomes `PATH.2`, and the oldest go. Its caller never waits and never fails: what can't be written
 * is counted as lost, in its place in the file as soon as that can be written again.
 *
 * It is opened for each batch of lines and closed again. So a file that somebody has removed or moved
 * away is made anew, none holds space that nobody sees, and no descriptor is kept.
 *
 * @module
 */
import type { RotationSettings } from "../../config/mod.ts";
import { type Clock, type LogFiles, sleep } from "../../core/mod.ts";

/** How long lines are gathered before they are written. */
const GATHER_MS = 100;

/** Pause after a failure; each further one is twice as long, up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Characters that may wait to be written: twice what is kept of an engine in a second. */
const MAX_WAITING_CHARS = 8_388_608;

export interface RotatedFileOptions {
  /** Absolute. */
  readonly path: string;
  readonly files: LogFiles;
  readonly clock: Clock;
  readonly rotation: RotationSettings;
  /** How the file says that lines are missing, in its own form. @default as it is */
  readonly toNote?: (text: string) => string;
  /** The file can't be written; called once until it was written again for a good while. */
  readonly onTrouble: (path: string, why: string) => void;
}

interface Entry {
  readonly text: string;
  /** How many lines are missing when this one is lost: 1; those a note on lost ones speaks of. */
  readonly stands: number;
  /** Whether it is one of those that are counted. */
  readonly isLine: boolean;
}

interface Batch {
  readonly bytes: Uint8Array;
  /** Where each entry ends in `bytes`. */
  readonly ends: readonly number[];
}

/** When the file may be tried again, and how it went of late. */
interface Trouble {
  readonly pauseMs: number;
  readonly retryAt: number;
  readonly hasWrittenSince: boolean;
}

export class RotatedFile {
  readonly #options: RotatedFileOptions;
  readonly #encoder = new TextEncoder();
  #waiting: Entry[] = [];
  #waitingChars = 0;
  /** Lost lines that no note in the file speaks of yet. */
  #missing = 0;
  #stored = 0;
  #lost = 0;
  #trouble: Trouble | null = null;
  #pump: Promise<void> | undefined;
  #gathering = new AbortController();

  constructor(options: RotatedFileOptions) {
    this.#options = options;
  }

  /** What became of the lines that were appended; the rest is waiting. */
  get counts(): { readonly stored: number; readonly lost: number } {
    return { stored: this.#stored, lost: this.#lost };
  }

  /** Takes `line` without its newline. */
  append(line: string): void {
    this.#take({ text: line, stands: 1, isLine: true });
  }

  /** As {@linkcode append}, for a line that is not counted. */
  note(text: string): void {
    this.#take({ text, stands: 0, isLine: false });
  }

  /** Resolves when all that was taken is written or lost. Never rejects. */
  async flush(): Promise<void> {
    this.#gathering.abort();
    await this.#pump;
  }

  #take(entry: Entry): void {
    const isFull = this.#waitingChars + entry.text.length > MAX_WAITING_CHARS;
    if (isFull || this.#isResting) return this.#lose(entry);
    if (this.#missing > 0) {
      const said = `… ${this.#missing} lines are missing here: they could not be written`;
      const text = this.#options.toNote?.(said) ?? said;
      this.#push({ text, stands: this.#missing, isLine: false });
      this.#missing = 0;
    }
    this.#push(entry);
    this.#pump ??= this.#run();
  }

  #push(entry: Entry): void {
    this.#waiting.push(entry);
    this.#waitingChars += entry.text.length;
  }

  #lose(entry: Entry): void {
    this.#missing += entry.stands;
    if (entry.isLine) this.#lost++;
  }

  get #isResting(): boolean {
    return this.#trouble !== null && this.#options.clock.now() < this.#trouble.retryAt;
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        this.#gathering = new AbortController();
        await sleep(this.#options.clock, GATHER_MS, this.#gathering.signal);
        while (this.#waiting.length > 0) await this.#writeBatch();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#pump = undefined;
    }
  }

  /** Writes as many lines as the file has room for, at least one. Throws what the system says. */
  async #writeBatch(): Promise<void> {
    const { path, files, rotation } = this.#options;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const firstBytes = this.#encoder.encode(`${first.text}\n`).length;
    const size = await files.size(path) ?? 0;
    const isFull = size > 0 && size + firstBytes > rotation.fileBytes;
    if (isFull) await this.#rotate();
    const file = await files.open(path);
    const batch = this.#fill(rotation.fileBytes - file.size);
    let sent = 0;
    let kept = 0;
    try {
      while (sent < batch.bytes.length) sent += await file.write(batch.bytes.subarray(sent));
    } finally {
      try {
        await file.close();
        kept = sent;
      } finally {
        this.#settle(batch, kept);
      }
    }
    if (this.#trouble !== null) this.#trouble = { ...this.#trouble, hasWrittenSince: true };
  }

  /** The first lines that wait, up to `room` bytes, at least one. */
  #fill(room: number): Batch {
    const parts: Uint8Array[] = [];
    const ends: number[] = [];
    let length = 0;
    for (const { text } of this.#waiting) {
      const part = this.#encoder.encode(`${text}\n`);
      if (parts.length > 0 && length + part.length > room) break;
      parts.push(part);
      length += part.length;
      ends.push(length);
    }
    const bytes = new Uint8Array(length);
    parts.forEach((part, i) => bytes.set(part, (ends[i] ?? 0) - part.length));
    return { bytes, ends };
  }

  /**
   * The first `kept` bytes of `batch` are in the file; a line that is cut there is lost. One that only
   * lacks its newline is not: it gets that when the file is opened again.
   */
  #settle({ ends }: Batch, kept: number): void {
    this.#waiting.splice(0, ends.length).forEach((entry, i) => {
      this.#waitingChars -= entry.text.length;
      if ((ends[i] ?? 0) - 1 > kept) this.#lose(entry);
      else if (entry.isLine) this.#stored++;
    });
  }

  /** Makes room at `path`. What exceeds number or total goes first, so each name is free when taken. */
  async #rotate(): Promise<void> {
    const { path, files, rotation } = this.#options;
    const names = [path];
    for (let i = 1; i <= rotation.archives; i++) names.push(`${path}.${i}`);
    let total = rotation.fileBytes;
    let kept = 0;
    for (const name of names.slice(0, -1)) {
      total += await files.size(name) ?? 0;
      if (total > rotation.totalBytes) break;
      kept++;
    }
    for (const name of names.slice(kept)) await files.remove(name);
    for (let i = kept; i > 0; i--) await files.rename(names[i - 1] ?? "", names[i] ?? "");
  }

  #fail(error: unknown): void {
    for (const entry of this.#waiting) this.#lose(entry);
    this.#waiting = [];
    this.#waitingChars = 0;
    const { clock, path, onTrouble } = this.#options;
    const now = clock.now();
    const last = this.#trouble;
    const isNew = last === null ||
      (last.hasWrittenSince && now >= last.retryAt + LONGEST_PAUSE_MS);
    const pauseMs = isNew ? FIRST_PAUSE_MS : Math.min(last.pauseMs * 2, LONGEST_PAUSE_MS);
    this.#trouble = { pauseMs, retryAt: now + pauseMs, hasWrittenSince: false };
    if (isNew) onTrouble(path, error instanceof Error ? error.message : String(error));
  }
}
