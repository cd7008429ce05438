/**
 * The packed engine on the disk: `PLACE/SHA256/`, written whole under another name first, looked at
 * before each start of it, and mended where it differs.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { SpawnError } from "../../core/mod.ts";
import { changedFiles, readManifest, syncFile, writeManifest } from "./manifest.ts";
import type { PackedEngine, PackedFile } from "./packed_engine.ts";
import { holdVersion, removeOld, UNFINISHED, whileAlone } from "./place_locks.ts";

/** What is done; `bytes` of what is to be written are. */
export type UnpackStep =
  | {
    readonly kind: "unpacking";
    readonly dir: string;
    readonly bytes: number;
    readonly of: number;
  }
  | { readonly kind: "unpacked"; readonly dir: string; readonly tookMs: number }
  | { readonly kind: "mended"; readonly dir: string; readonly files: readonly string[] };

export interface UnpackOptions {
  readonly packed: PackedEngine;
  /** The executable that it is in. */
  readonly source: string;
  /** Folders, the best first; one that can't be used is passed over. */
  readonly places: readonly string[];
  /** Throws {@linkcode CannotRun} when the machine is not one for it. */
  readonly checkMachine: () => Promise<void>;
  /** Starts the program for a proof. Throws {@linkcode CannotRun}, or anything else about its place. */
  readonly prove: (program: string) => Promise<void>;
  readonly onStep: (step: UnpackStep) => void;
}

/** It runs nowhere on this machine. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}

/** Unpacked, and held: no other program removes it. */
export class UnpackedEngine implements Disposable {
  readonly #options: UnpackOptions;
  readonly #place: string;
  readonly #hold: Disposable;

  private constructor(options: UnpackOptions, place: string, hold: Disposable) {
    this.#options = options;
    this.#place = place;
    this.#hold = hold;
  }

  /** Path of its program. */
  get program(): string {
    return join(this.#dir, this.#options.packed.program);
  }

  get #dir(): string {
    return join(this.#place, this.#options.packed.sha256);
  }

  /** In the first place where it can be. Throws `SpawnError`, which names all that were tried. */
  static async open(options: UnpackOptions): Promise<UnpackedEngine> {
    const reasons: string[] = [];
    for (const place of options.places) {
      try {
        return await openIn(place, options);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (error instanceof CannotRun) throw cannotRun(why, error);
        reasons.push(`${place} (${why})`);
      }
    }
    throw cannotRun(`it can't be unpacked; tried: ${reasons.join(", ")}`, undefined);

    async function openIn(place: string, options: UnpackOptions): Promise<UnpackedEngine> {
      await makeOwn(place);
      return await whileAlone(place, async () => {
        const { sha256 } = options.packed;
        await removeOld(place, sha256);
        if (!await isThere(join(place, sha256))) await unpack(place, options);
        const engine = new UnpackedEngine(options, place, await holdVersion(place, sha256));
        if (engine.#changed().length > 0) await engine.#mend();
        return engine;
      });
    }
  }

  /** Looks at every file, and mends what is not as it was written. */
  async ensureWhole(): Promise<void> {
    if (this.#changed().length === 0) return;
    await whileAlone(this.#place, () => this.#mend());
  }

  [Symbol.dispose](): void {
    this.#hold[Symbol.dispose]();
  }

  #changed(): readonly PackedFile[] {
    const { files } = this.#options.packed;
    return changedFiles(this.#dir, { files, manifest: readManifest(this.#dir) });
  }

  async #mend(): Promise<void> {
    const { packed, source, onStep } = this.#options;
    const { copyOut, isWhole } = await import("./copy_out.ts");
    const bad: PackedFile[] = [];
    for (const file of this.#changed()) {
      if (!await isWhole(this.#dir, file)) bad.push(file);
    }
    await removeOthers(bad.map(({ path }) => join(this.#dir, path)));
    await copyOut(packed, bad, { source, dir: this.#dir });
    await writeManifest(this.#dir, packed.files);
    if (bad.length === 0) return;
    onStep({ kind: "mended", dir: this.#dir, files: bad.map(({ path }) => path) });
  }
}

async function unpack(place: string, options: UnpackOptions): Promise<void> {
  const { packed, source, checkMachine, prove, onStep } = options;
  await checkMachine();
  const { copyOut } = await import("./copy_out.ts");
  const began = performance.now();
  const dir = join(place, packed.sha256);
  const unfinished = await Deno.makeTempDir({ dir: place, prefix: UNFINISHED });
  const of = packed.files.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  onStep({ kind: "unpacking", dir, bytes, of });
  try {
    const onBytes = (more: number) => {
      bytes += more;
      onStep({ kind: "unpacking", dir, bytes, of });
    };
    await copyOut(packed, packed.files, { source, dir: unfinished, onBytes });
    await prove(join(unfinished, packed.program));
    await writeManifest(unfinished, packed.files);
    const dirs = new Set(packed.files.map(({ path }) => dirname(join(unfinished, path))));
    for (const one of dirs.add(unfinished)) await syncFile(one);
    await Deno.rename(unfinished, dir);
    await syncFile(place);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true }).catch(() => {
      // The next one to unpack there removes it.
    });
    throw error;
  }
  onStep({ kind: "unpacked", dir, tookMs: Math.round(performance.now() - began) });
}

/** A folder of ours alone, never a link. */
async function makeOwn(dir: string): Promise<void> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  const { isDirectory, uid, mode } = await Deno.lstat(dir);
  if (!isDirectory) throw new TypeError("it is not a folder");
  if (uid !== Deno.uid()) throw new TypeError("it belongs to another user");
  if (((mode ?? 0) & 0o077) !== 0) await Deno.chmod(dir, 0o700);
}

/** What stands where a file is to be and is none can't be replaced by one. */
async function removeOthers(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const info = await Deno.lstat(path).catch(() => null);
    if (info?.isDirectory === true) await Deno.remove(path, { recursive: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

function cannotRun(why: string, cause: unknown): SpawnError {
  return new SpawnError({
    detail: `The packed engine can't run here: ${why}.`,
    remedy: "Let XDG_DATA_HOME name a folder with room, from which programs may be run, or give " +
      "--python-dir (AI_ENGINE_PYTHON_DIR) the folder engine/python of the source.",
    cause,
  });
}
