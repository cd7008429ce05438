/** Tells when a source of the program has changed. */
import { join, relative } from "@std/path";

/** What the program is made of: paths from the root of the checkout. */
const SOURCES = /^(main\.ts|deno\.json|src\/.*|engine\/.*)$/;

/** Made by tools beside the sources, and half-written files of editors. */
const IGNORED = /(^|\/)(\.[^/]*|__pycache__|[^/]*\.egg-info|[^/]*~|4913)(\/|$)/;

/** How long it must be quiet: an editor or git changes several files at once. */
const QUIET_MS = 150;

/** Whether a change of the file calls for a new start; `path` is from the root, with `/`. */
export function isSource(path: string): boolean {
  return SOURCES.test(path) && !IGNORED.test(path);
}

/** Watches the sources of the checkout at `root`. */
export class SourceWatcher implements Disposable {
  readonly #root: string;
  readonly #watchers: readonly Deno.FsWatcher[];
  #changed = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(root: string) {
    this.#root = root;
    const { flat, deep } = findDirectories(root);
    this.#watchers = [
      Deno.watchFs(flat, { recursive: false }),
      Deno.watchFs(deep, { recursive: true }),
    ];
  }

  /** Takes the system's events in; ends when the watcher is disposed of. */
  async run(): Promise<void> {
    await Promise.all(this.#watchers.map(async (watcher) => {
      for await (const event of watcher) {
        if (event.kind !== "access") this.#take(event.paths);
      }
    }));
  }

  /** Resolves once a source has changed after this call and no other one followed it closely. */
  next(): Promise<void> {
    clearTimeout(this.#timer);
    this.#changed = Promise.withResolvers();
    return this.#changed.promise;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }

  #take(paths: readonly string[]): void {
    if (!paths.some((path) => isSource(relative(this.#root, path).replaceAll("\\", "/")))) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#changed.resolve, QUIET_MS);
  }
}

/**
 * What is to be watched without and with everything below. The environments of Python and other
 * tools' directories hold thousands of directories, more than a system may let us watch.
 */
function findDirectories(root: string): { readonly flat: string[]; readonly deep: string[] } {
  const below = (path: string) =>
    [...Deno.readDirSync(path)]
      .filter((entry) => entry.isDirectory && !IGNORED.test(entry.name))
      .map((entry) => join(path, entry.name));
  const engines = below(join(root, "engine"));
  return {
    flat: [root, join(root, "engine"), ...engines],
    deep: [join(root, "src"), ...engines.flatMap(below)],
  };
}
