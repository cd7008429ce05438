/**
 * Watches folders whatever comes into them. Deno (2.6 to 2.9) looks into each new file on the one thread
 * that all watchers share. When the file is a FIFO without a writer, that thread waits, and the next
 * watcher that is made or closed waits for the thread: with it the whole program, which never answers
 * again. So, before one is made or closed, the thread gets the writer it waits for.
 */
const THREAD = /^notify-rs/;
/** What the kernel calls a wait for the other side of a FIFO. */
const WAITS_FOR_WRITER = "wait_for_partner";

/** Folders of all watchers, since the thread is that of all. */
const watched = new Set<readonly string[]>();

export class FolderWatcher {
  readonly #watcher: Deno.FsWatcher;
  readonly #folders: readonly string[];
  readonly #told: Promise<void>;
  /** Resolves when nothing more is told; a folder of the same name can be watched then (seen on 2.9.6). */
  readonly ended: Promise<void>;
  #end = (_ended: Promise<void>): void => {};

  /** Begins to watch, not below the folders; throws when one is not there, or can't be watched. */
  constructor(folders: readonly string[], onEvent: (event: Deno.FsEvent) => void) {
    const freed = free([...watched].flat());
    if (freed === null) throw new Error("a FIFO that is gone holds up what watches");
    try {
      this.#watcher = Deno.watchFs([...folders], { recursive: false });
    } finally {
      freed.close();
    }
    this.#folders = folders;
    watched.add(folders);
    this.#told = tell(this.#watcher, onEvent);
    this.ended = new Promise((resolve) => this.#end = resolve);
  }

  /** Idempotent. Where the thread can't be freed, the watcher is left to the end of the program. */
  close(): void {
    if (!watched.has(this.#folders)) return;
    const freed = free([...watched].flat());
    watched.delete(this.#folders);
    if (freed === null) return this.#end(Promise.resolve());
    this.#watcher.close();
    // It is let go with the wait for its next event.
    this.#end(this.#told.finally(() => freed.close()));
  }
}

/** Tells each event until the watcher is closed. */
async function tell(
  watcher: Deno.FsWatcher,
  onEvent: (event: Deno.FsEvent) => void,
): Promise<void> {
  try {
    for await (const event of watcher) if (event.kind !== "access") onEvent(event);
  } catch {
    // Closed in the middle of a wait.
  }
}

/** Frees the thread as long as what it gives is not closed; `null` when that can't be done. */
function free(folders: readonly string[]): { close(): void } | null {
  const writers: Deno.FsFile[] = [];
  const close = () => writers.forEach((writer) => writer.close());
  if (!isHeldUp()) return { close };
  // To read and to write: that waits for nobody.
  for (const path of pipesIn(folders)) {
    try {
      writers.push(Deno.openSync(path, { read: true, write: true }));
    } catch {
      // Not for this user, who does not wait for it then.
    }
  }
  return writers.length === 0 ? null : { close };
}

function isHeldUp(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    const threads = [...Deno.readDirSync("/proc/self/task")];
    return threads.some(({ name }) => {
      const read = (what: string) => Deno.readTextFileSync(`/proc/self/task/${name}/${what}`);
      return THREAD.test(read("comm")) && read("wchan") === WAITS_FOR_WRITER;
    });
  } catch {
    // A thread has ended meanwhile, or this kernel does not tell.
    return false;
  }
}

function pipesIn(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => {
    try {
      return [...Deno.readDirSync(folder)]
        .filter(({ isFile, isDirectory }) => !isFile && !isDirectory)
        .map(({ name }) => `${folder}/${name}`)
        .filter((path) => isPipe(path));
    } catch {
      // Gone since.
      return [];
    }
  });
}

/** What a link leads to counts: the thread follows it. */
function isPipe(path: string): boolean {
  try {
    return Deno.statSync(path).isFifo === true;
  } catch {
    return false;
  }
}
