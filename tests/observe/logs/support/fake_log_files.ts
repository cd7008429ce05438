import type { LogFile, LogFiles } from "../../../../src/core/mod.ts";

/** Log files in memory, on a disk that can be full, broken, slow. */
export class FakeLogFiles implements LogFiles {
  /** Bytes that can still be written. */
  room = Infinity;
  /** Nothing can be opened. */
  broken = false;
  /** What was written is found out to be too much when a file is closed. */
  failsAtClose = false;
  /** The most that one write takes. */
  writesAtMost = Infinity;
  onTry: () => void = () => {};
  /** Told what was in a file that is removed. */
  onRemoved: (text: string) => void = () => {};
  /** Files that are open. */
  opened = 0;
  readonly #files = new Map<string, Uint8Array>();
  #hanging: Promise<void> | undefined;

  get names(): string[] {
    return [...this.#files.keys()].sort();
  }

  text(path: string): string {
    return new TextDecoder().decode(this.#files.get(path));
  }

  put(path: string, text: string): void {
    this.#files.set(path, new TextEncoder().encode(text));
  }

  /** All writes wait until the function that is given back is called. */
  hang(): () => void {
    let release = () => {};
    this.#hanging = new Promise((resolve) => release = resolve);
    return release;
  }

  open(path: string): Promise<LogFile> {
    this.onTry();
    if (this.broken) return Promise.reject(new Error("Read-only file system"));
    if (this.text(path).match(/[^\n]$/)) {
      if (this.room < 1) return Promise.reject(new Error("No space left on device"));
      this.#append(path, Uint8Array.of(10));
    } else this.#append(path, new Uint8Array(0));
    this.opened++;
    const before = this.#files.get(path) ?? new Uint8Array(0);
    return Promise.resolve({
      size: this.#files.get(path)?.length ?? 0,
      write: async (bytes: Uint8Array) => {
        await this.#hanging;
        if (this.room < 1) throw new Error("No space left on device");
        const count = Math.min(bytes.length, this.room, this.writesAtMost);
        this.#append(path, bytes.subarray(0, count));
        return count;
      },
      close: () => {
        this.opened--;
        if (!this.failsAtClose) return Promise.resolve();
        this.#files.set(path, before);
        return Promise.reject(new Error("Disk quota exceeded"));
      },
    });
  }

  size(path: string): Promise<number | null> {
    return Promise.resolve(this.#files.get(path)?.length ?? null);
  }

  rename(from: string, to: string): Promise<void> {
    const bytes = this.#files.get(from);
    if (bytes === undefined) return Promise.resolve();
    if (this.#files.has(to)) throw new Error(`${to} is taken`);
    this.#files.delete(from);
    this.#files.set(to, bytes);
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    this.onRemoved(this.text(path));
    this.#files.delete(path);
    return Promise.resolve();
  }

  #append(path: string, bytes: Uint8Array): void {
    const before = this.#files.get(path) ?? new Uint8Array(0);
    const after = new Uint8Array(before.length + bytes.length);
    after.set(before);
    after.set(bytes, before.length);
    this.#files.set(path, after);
    this.room -= bytes.length;
  }
}
