/** What `deno task build` has put into the executable beside the program. */

/** The file that holds the record: in the checkout it is there only while an executable is built. */
const RECORD_URL = new URL("./packed_engine.json", import.meta.url);

export interface PackedFile {
  /** Relative to the engine's folder. */
  readonly path: string;
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** The engine in the executable. */
export interface PackedEngine {
  /** Path of its program among the files. */
  readonly program: string;
  /** Of the first file's first byte in the executable; the files follow one another in order. */
  readonly offset: number;
  /** Of all files, one after the other. */
  readonly sha256: string;
  /** The oldest glibc it runs with: 2 and the second number. */
  readonly glibc: readonly [number, number];
  readonly files: readonly PackedFile[];
}

/** `null` from source, and where the executable was built without one. */
export function readPackedEngine(): PackedEngine | null {
  if (!Deno.build.standalone) return null;
  try {
    return JSON.parse(Deno.readTextFileSync(RECORD_URL)) as PackedEngine;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Whether there is one, without reading what it is. */
export function hasPackedEngine(): boolean {
  if (!Deno.build.standalone) return false;
  try {
    return Deno.statSync(RECORD_URL).isFile;
  } catch {
    return false;
  }
}
