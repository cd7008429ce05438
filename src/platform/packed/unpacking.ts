/** The door to what unpacks: loaded when there is something to unpack. */
import type { UnpackedEngine, UnpackOptions } from "./unpacked_engine.ts";

export const unpacking = {
  /** For users without a home, or with one that can't be used; of the user's own, on a disk. */
  sharedPlace: Deno.build.os === "windows" ? "" : `/var/tmp/ai-engine-${Deno.uid()}`,

  /** Whether there is anything at `path`. */
  isThere(path: string): boolean {
    try {
      Deno.lstatSync(path);
      return true;
    } catch {
      return false;
    }
  },

  /** Rejects with `SpawnError`. */
  async open(
    options: Pick<UnpackOptions, "packed" | "places" | "onStep">,
  ): Promise<UnpackedEngine> {
    const { UnpackedEngine } = await import("./unpacked_engine.ts");
    const { checkGlibc, proveProgram } = await import("./fitness.ts");
    return await UnpackedEngine.open({
      ...options,
      source: EXECUTABLE,
      checkMachine: () => checkGlibc(options.packed.glibc),
      prove: proveProgram,
    });
  },
};

/** Saved at start: asked later, it may be another file's. */
const EXECUTABLE = Deno.execPath();
