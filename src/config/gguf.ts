/**
 * Models in GGUF files: each is served by a Python engine of its own. Pure.
 *
 * @module
 */
import { basename } from "@std/path";
import { toEngineName } from "../core/mod.ts";
import type { RequestedEngine } from "./read_settings.ts";
import type { ModelSettings } from "./settings.ts";

const ENDING = /\.gguf$/i;

const LONGEST_NAME = 63;

/** What the model in a file is called: as the file, without `.gguf`. */
export function modelOfFile(path: string): string {
  return basename(path).replace(ENDING, "");
}

/**
 * The models of an engine that serves the file `path`: the file's, unless others are set, for which the
 * file's stands then.
 */
export function modelsOfFile(
  path: string,
  models: readonly ModelSettings[],
): readonly ModelSettings[] {
  const name = modelOfFile(path);
  if (models.length === 0) return [{ name, aliases: [], upstreamModel: null }];
  return models.map((model) => ({ ...model, upstreamModel: model.upstreamModel ?? name }));
}

export interface GgufOptions extends Pick<RequestedEngine, "pythonDir" | "settings"> {
  /** What names the file. */
  readonly setting: string;
  /** Names of other engines. */
  readonly taken: ReadonlySet<string>;
}

/** An engine for the file at `path`, called as the file is as far as that can be an engine's name. */
export function requestGguf(
  path: string,
  { setting, taken, pythonDir, settings }: GgufOptions,
): RequestedEngine {
  return {
    name: freeName(toEngineName(basename(path)), taken),
    program: { kind: "python", setting },
    pythonDir,
    settings: { ...settings, model: path },
  };
}

/** `name`, numbered from 2 when it is taken. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) {
    const suffix = `-${number}`;
    free = name.slice(0, LONGEST_NAME - suffix.length) + suffix;
  }
  return free;
}

/**
 * Whether a file of this name is a model that can be offered: not a further part of a split one
 * (`-00002-of-00003.gguf`), and not what lets a model see (`mmproj`), which is none by itself.
 */
export function isModelFile(name: string): boolean {
  // Neither a pattern of names, nor what is filled in when an engine starts, nor what no line can show.
  if (/\*|\$\{|\p{C}/u.test(name)) return false;
  if (!ENDING.test(name) || name.startsWith(".") || /^mmproj/i.test(name)) return false;
  const part = /-(\d{5})-of-\d{5}\.gguf$/i.exec(name)?.[1];
  return part === undefined || part === "00001";
}
