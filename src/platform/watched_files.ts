/**
 * Files that are watched: told of when one of them has another content, is new or gone. The system tells
 * of changes in folders, by which they are looked at again; nothing is polled. Loaded where something is
 * watched.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { FolderWatcher } from "./folder_watcher.ts";

/** More folders than these are not looked into. */
const MOST_FOLDERS = 1_000;
const MOST_FILES = 10_000;

/** Quiet time after a change: editors write in several steps. */
const QUIET_MS = 150;
/** Where it does not get quiet, it is looked so often. */
const LONGEST_MS = 2_000;

/** So often it is tried to watch folders that go while they are looked at. */
const TRIES = 5;

/** Folders of things that are not written by hand; those that begin with a dot are none, either. */
const NOT_LOOKED_INTO: ReadonlySet<string> = new Set(["node_modules", "__pycache__"]);

export interface WatchedFilesOptions {
  /** Absolute paths in which `*`, `**` and the like may stand. */
  readonly patterns: readonly string[];
  readonly onChange: () => void;
  /** Told when not all of them can be watched, and why: a sentence. */
  readonly onTrouble: (why: string) => void;
}

/** What was found: the files, each with what changes with its content, and where they may come to be. */
interface Found {
  readonly files: ReadonlyMap<string, string>;
  readonly folders: ReadonlySet<string>;
  /** What links lead to. */
  readonly targets: ReadonlySet<string>;
}

export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  readonly #patterns: readonly Pattern[];
  #found: Found = { files: new Map(), folders: new Set(), targets: new Set() };
  #watcher: FolderWatcher | undefined;
  #looking: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** A folder may have been replaced by another one of its name. */
  #isStale = true;
  /** Of the first change that was not looked at. */
  #changedAt: number | undefined;
  #isClosed = false;
  readonly #told = new Set<string>();

  private constructor(options: WatchedFilesOptions) {
    this.#options = options;
    this.#patterns = options.patterns.map(toPattern);
  }

  /** Begins to watch; what is there then is no change. */
  static async open(options: WatchedFilesOptions): Promise<WatchedFiles> {
    const watched = new WatchedFiles(options);
    await watched.#look();
    return watched;
  }

  /** Nothing is told any more. Idempotent. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Looks at all files, and watches the folders they are in. Gives whether files have changed. */
  async #look(): Promise<boolean> {
    const before = this.#found.files;
    let why: string | null = null;
    for (let tries = 0; tries < TRIES; tries++) {
      const { folders } = this.#found;
      this.#found = await this.#find();
      if (this.#isClosed) return false;
      if (!this.#isStale && isSubset(this.#found.folders, folders)) break;
      // What came into a folder before it was watched is found by another look.
      why = await this.#watch();
    }
    if (why !== null) this.#tell(why);
    const { files } = this.#found;
    return files.size !== before.size ||
      [...files].some(([path, mark]) => before.get(path) !== mark);
  }

  async #find(): Promise<Found> {
    const search = new Search();
    for (const pattern of this.#patterns) await search.add(pattern);
    if (search.isOver) {
      this.#tell(
        `there are more than ${MOST_FOLDERS} folders or ${MOST_FILES} files in their places`,
      );
    }
    return search;
  }

  /** Says why not when it can't. */
  async #watch(): Promise<string | null> {
    const before = this.#watcher;
    this.#watcher = undefined;
    before?.close();
    // Before its end a new one finds folders watched that are not the same any more (seen on 2.9.6).
    await before?.ended;
    if (this.#isClosed) return null;
    try {
      const folders = [...this.#found.folders];
      this.#watcher = new FolderWatcher(folders, (event) => this.#onEvent(event));
      this.#isStale = false;
      return null;
    } catch (error) {
      // One is gone since it was found, or there is no room for one more.
      this.#isStale = true;
      return error instanceof Error ? error.message : String(error);
    }
  }

  #onEvent({ kind, paths }: Deno.FsEvent): void {
    if (this.#isClosed) return;
    // What is in a file that is none of ours does not matter; that it has come or gone may.
    const isOurs = (path: string) =>
      this.#found.targets.has(path) || this.#patterns.some(({ fits }) => fits(path));
    if (kind === "modify" && !paths.some(isOurs)) return;
    if (kind !== "modify" && paths.some((path) => this.#found.folders.has(path))) {
      this.#isStale = true;
    }
    const now = performance.now();
    this.#changedAt ??= now;
    clearTimeout(this.#timer);
    const wait = Math.min(QUIET_MS, Math.max(this.#changedAt + LONGEST_MS - now, 0));
    this.#timer = setTimeout(() => this.#lookAgain(), wait);
  }

  #lookAgain(): void {
    this.#changedAt = undefined;
    // One look after the other.
    this.#looking = this.#looking.then(() => this.#look()).then(
      (hasChanged) => {
        if (hasChanged) this.#options.onChange();
      },
      (error) => this.#tell(String(error)),
    );
  }

  #tell(why: string): void {
    if (this.#told.has(why)) return;
    this.#told.add(why);
    this.#options.onTrouble(why);
  }
}

function isSubset(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return part.size <= whole.size && [...part].every((one) => whole.has(one));
}

interface Pattern {
  readonly fits: (path: string) => boolean;
  /** The folder that all of its files are in. */
  readonly base: string;
  /** How many levels below it they may be. */
  readonly depth: number;
  /** The file where it is the path of one. */
  readonly file: string | null;
}

function toPattern(text: string): Pattern {
  if (!isGlob(text)) {
    return { fits: (path) => path === text, base: dirname(text), depth: 0, file: text };
  }
  const parts = text.split("/");
  const first = parts.findIndex(isGlob);
  const rest = parts.slice(first);
  const regex = toRegex(text);
  return {
    fits: (path) => regex.test(path),
    base: parts.slice(0, first).join("/") || "/",
    depth: rest.includes("**") ? Infinity : rest.length - 1,
    file: null,
  };
}

function isGlob(text: string): boolean {
  return /[*?{]/.test(text);
}

const SIGNS: Readonly<Record<string, string>> = {
  "**/": "(?:.*/)?",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
  "{": "(?:",
  "}": ")",
  ",": "|",
};

/** `*`, `?`, `**` for any folders, and `{py,toml}`; a comma outside of braces is one. */
function toRegex(glob: string): RegExp {
  let depth = 0;
  const source = glob.replace(/\*\*\/|\*\*|[*?{},]|[.+^$()|[\]\\]/g, (sign) => {
    if (sign === "{") depth++;
    if (sign === "}") {
      if (depth === 0) return "\\}";
      depth--;
    }
    if (sign === "," && depth === 0) return sign;
    return SIGNS[sign] ?? `\\${sign}`;
  });
  return new RegExp(`^${source}${")".repeat(depth)}$`);
}

/** Goes through folders, in the order of their depth, as far as there is room. */
class Search implements Found {
  readonly files = new Map<string, string>();
  readonly folders = new Set<string>();
  readonly targets = new Set<string>();
  isOver = false;

  async add(pattern: Pattern): Promise<void> {
    if (pattern.file !== null) {
      await this.#addPlace(pattern.file);
      // What a link leads to changes in another folder.
      const real = await Deno.realPath(pattern.file).catch(() => null);
      if (real !== null && real !== pattern.file) {
        this.targets.add(real);
        this.#addFolder(dirname(real));
      }
      return await this.#addFile(pattern.file);
    }
    if (!await isFolder(pattern.base)) return await this.#addPlace(pattern.base);
    // Its own folder tells when it is replaced as a whole.
    this.#addFolder(dirname(pattern.base));
    let level = [pattern.base];
    for (let depth = 0; level.length > 0 && depth <= pattern.depth; depth++) {
      const below: string[] = [];
      for (const folder of level) below.push(...await this.#addFilesOf(folder, pattern));
      level = below;
    }
  }

  /** Watches for what is not there, or may be made anew: in the nearest folder that is there. */
  async #addPlace(path: string): Promise<void> {
    let folder = dirname(path);
    while (!await isFolder(folder) && folder !== dirname(folder)) folder = dirname(folder);
    this.#addFolder(folder);
  }

  /** Gives the folders in it. */
  async #addFilesOf(folder: string, { fits }: Pattern): Promise<readonly string[]> {
    const below: string[] = [];
    if (!this.#addFolder(folder)) return below;
    const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
    for (const { name, isDirectory } of entries) {
      const path = join(folder, name);
      if (isDirectory) {
        if (!name.startsWith(".") && !NOT_LOOKED_INTO.has(name)) below.push(path);
      } else if (fits(path)) await this.#addFile(path);
    }
    return below;
  }

  #addFolder(path: string): boolean {
    if (this.folders.size >= MOST_FOLDERS && !this.folders.has(path)) {
      this.isOver = true;
      return false;
    }
    this.folders.add(path);
    return true;
  }

  async #addFile(path: string): Promise<void> {
    if (this.files.size >= MOST_FILES) {
      this.isOver = true;
      return;
    }
    const info = await Deno.stat(path).catch(() => null);
    if (info?.isFile) this.files.set(path, `${info.ino} ${info.size} ${info.mtime?.getTime()}`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  const info = await Deno.stat(path).catch(() => null);
  return info?.isDirectory ?? false;
}
