/** A packed engine of a few bytes, in a file that stands for the executable. */
import { join } from "@std/path";
import type { PackedEngine, PackedFile } from "../../../src/platform/packed/packed_engine.ts";
import { proveProgram } from "../../../src/platform/packed/fitness.ts";
import type { UnpackOptions, UnpackStep } from "../../../src/platform/packed/unpacked_engine.ts";

const BEFORE = "the program itself";

/** What is in its files; `text` is different from version to version. */
function contents(text: string): readonly (readonly [string, string, number])[] {
  return [
    ["_internal/empty", "", 0o600],
    ["_internal/model/weights", text.repeat(20_000), 0o600],
    ["engine", `#!/bin/sh\n# ${text}\nexit 0\n`, 0o700],
  ];
}

export interface TinyEngine extends Pick<UnpackOptions, "packed" | "source"> {
  readonly files: ReadonlyMap<string, string>;
}

/** Writes it to `dir`. */
export async function writeTinyEngine(dir: string, text = "first"): Promise<TinyEngine> {
  const files: PackedFile[] = [];
  for (const [path, content, mode] of contents(text)) {
    files.push({ path, size: content.length, mode, sha256: await digest(content) });
  }
  const all = contents(text).map(([, content]) => content).join("");
  const source = join(dir, `${text}.executable`);
  await Deno.writeTextFile(source, BEFORE + all + "more");
  const packed: PackedEngine = {
    program: "engine",
    offset: BEFORE.length,
    sha256: await digest(all),
    glibc: [2, 0],
    files,
  };
  return {
    packed,
    source,
    files: new Map(contents(text).map(([path, content]) => [path, content])),
  };
}

export interface Unpacking {
  readonly options: UnpackOptions;
  /** What was told. */
  readonly steps: UnpackStep[];
}

/** Unpacking `engine` to `places`, with a real proof unless told otherwise. */
export function unpackingOf(
  { packed, source }: TinyEngine,
  places: readonly string[],
  more: Partial<UnpackOptions> = {},
): Unpacking {
  const steps: UnpackStep[] = [];
  const options: UnpackOptions = {
    packed,
    source,
    places,
    checkMachine: () => Promise.resolve(),
    prove: proveProgram,
    onStep: (step) => steps.push(step),
    ...more,
  };
  return { options, steps };
}

async function digest(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
