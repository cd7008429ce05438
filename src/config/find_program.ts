/**
 * Looks for the programs an engine is made of, and remembers every place it looked at.
 *
 * @module
 */
import { join } from "@std/path";
import type { FileInfo, Files } from "../core/mod.ts";

/** What is true of the machine and of this program; `app` fills it once. */
export interface HostFacts {
  /** In `Deno.build`'s words, e.g. `linux`. */
  readonly os: string;
  /** In `Deno.build`'s words, e.g. `x86_64`. */
  readonly arch: string;
  /** Compiled into one executable, or run from source. */
  readonly standalone: boolean;
  /** Folder of the executable, or of main.ts when run from source. Absolute. */
  readonly programDir: string;
  /** Folders of `PATH`. */
  readonly pathDirs: readonly string[];
  /** Whether the Python engine is in the executable. @default it isn't */
  readonly hasPackedEngine?: boolean;
  /** What starts the built-in engine. */
  readonly builtinArgv: readonly [string, ...string[]];
}

/**
 * What stands at `path`; `unseen` where that can't be told, as in a folder that this user is not let into:
 * a PATH may be another user's (`sudo -u`), and is looked through to its end.
 */
export async function lookAt(files: Files, path: string): Promise<FileInfo | null | "unseen"> {
  try {
    return await files.info(path);
  } catch {
    return "unseen";
  }
}

/** Looking for something: where, and why it was not that. */
export class Search {
  readonly #files: Files;
  readonly #tried: string[] = [];

  constructor(files: Files) {
    this.#files = files;
  }

  /** What was looked at in vain, in order, some with why not. */
  get tried(): readonly string[] {
    return this.#tried;
  }

  lookAt(path: string): Promise<FileInfo | null | "unseen"> {
    return lookAt(this.#files, path);
  }

  /** Whether `path` is a program; notes it as tried if not. A link is taken at its word. */
  async hasProgram(path: string): Promise<boolean> {
    const flaw = describeFlaw(await this.lookAt(path));
    if (flaw === null) return true;
    this.#tried.push(flaw === "missing" ? path : `${path} (${flaw})`);
    return false;
  }

  /** Whether there is anything at `path`; notes it as tried if not. */
  async has(path: string): Promise<boolean> {
    const info = await this.lookAt(path);
    if (info !== null && info !== "unseen") return true;
    this.#tried.push(info === null ? path : `${path} (${describeFlaw(info)})`);
    return false;
  }
}

/** Why what stands at a path can't be run, as far as its mode tells; `null` = nothing against it. */
export function describeFlaw(info: FileInfo | null | "unseen"): string | null {
  if (info === null) return "missing";
  if (info === "unseen") return "hidden from this user";
  if (info.kind === "symlink") return null;
  if (info.kind === "directory") return "a folder";
  if (info.kind !== "file") return "not a file";
  return (info.mode & 0o111) === 0 ? "not executable" : null;
}

/** The contract's name of the Python engine as a program. */
export function sidecarName({ arch, os }: Pick<HostFacts, "arch" | "os">): string {
  return `ai-engine-sidecar-${arch}-${os}`;
}

/** Path of the sidecar: a file beside the program, or a folder of that name with the program in it. */
export async function findSidecar(search: Search, host: HostFacts): Promise<string | undefined> {
  const name = sidecarName(host);
  const file = host.os === "windows" ? `${name}.exe` : name;
  const inFolder = join(host.programDir, name, file);
  // Asked first, because a link to the folder looks like a link to a program.
  if (await search.hasProgram(inFolder)) return inFolder;
  const beside = join(host.programDir, file);
  return await search.hasProgram(beside) ? beside : undefined;
}

/** Path of a Python: the one of `pythonDir`'s own environment, else `python3` on the PATH. */
export async function findPython(
  search: Search,
  options: { readonly pythonDir: string | null; readonly pathDirs: readonly string[] },
): Promise<string | undefined> {
  const candidates = options.pathDirs.map((dir) => join(dir, "python3"));
  if (options.pythonDir !== null) {
    candidates.unshift(join(options.pythonDir, ".venv", "bin", "python"));
  }
  for (const path of candidates) {
    if (await search.hasProgram(path)) return path;
  }
  return undefined;
}
