/**
 * Which engines the models folder makes. Loaded where there is one.
 *
 * @module
 */
import { join } from "@std/path";
import {
  chooseEngine,
  type EngineSettings,
  findModelFaults,
  isModelFile,
  requestGguf,
  type Settings,
  sharedSettings,
} from "../config/mod.ts";
import { ConfigError, toAiEngineError } from "../core/mod.ts";
import { fileNames, host, systemFiles } from "../platform/mod.ts";
import type { ModelsFolderOptions, Offer } from "./models_folder.ts";
import { checkPlaces } from "./places.ts";

/** More engines than these nobody finds their way in. */
const MOST_MODELS = 256;

interface OfferOptions extends Omit<ModelsFolderOptions, "path" | "voice"> {
  readonly path: string;
  readonly before: Offer | undefined;
  /** A file that can't be offered: why, and what to do. */
  readonly onRefused: (detail: string, remedy: string) => void;
}

/** Adds an engine for each file that is not configured already, as far as it goes with the others. */
export async function offerModels(configured: Settings, options: OfferOptions): Promise<Offer> {
  const { path, onRefused } = options;
  const [first, ...others] = configured.engines;
  const engines: EngineSettings[] = [];
  for (const name of (await namesIn(path, onRefused)).filter(isModelFile)) {
    const file = join(path, name);
    const all = [first, ...others, ...engines];
    if (all.some(({ model }) => model === file)) continue;
    if (engines.length === MOST_MODELS) {
      onRefused(`Of ${path} only ${MOST_MODELS} models are offered.`, "Move some of them away.");
      break;
    }
    try {
      engines.push(await toEngine(file, { ...options, configured, all }));
    } catch (error) {
      const { message, remedy, code } = toAiEngineError(error);
      onRefused(`${file} is not offered: ${message}`, remedy);
      // What one of them needs, all of them do.
      if (code === "binary_missing") break;
    }
  }
  const settings = { ...configured, engines: [first, ...others, ...engines] as const };
  return { settings, offered: new Set(engines.map(({ name }) => name)) };
}

async function namesIn(
  path: string,
  onRefused: OfferOptions["onRefused"],
): Promise<readonly string[]> {
  try {
    return await fileNames(path);
  } catch (error) {
    onRefused(
      `The folder ${path} can't be read: ${toAiEngineError(error).message}`,
      "Let it be read, or move it away.",
    );
    return [];
  }
}

/** Throws `ConfigError` where it does not go with `all` that are there. */
async function toEngine(
  file: string,
  { sources, places, before, configured, all }: OfferOptions & {
    readonly configured: Settings;
    readonly all: readonly EngineSettings[];
  },
): Promise<EngineSettings> {
  const taken = new Set(all.map(({ name }) => name));
  const old = before?.settings.engines.find(({ name, model }) =>
    model === file && before.offered.has(name) && !taken.has(name)
  );
  const setting = "the models folder";
  const requested = requestGguf(file, { setting, taken, ...sharedSettings(sources) });
  const named = old === undefined ? requested : { ...requested, name: old.name };
  const { engine } = await chooseEngine(named, { files: systemFiles, host });
  const [fault] = findModelFaults([...all, engine], null);
  if (fault !== undefined) throw new ConfigError("config_invalid", fault);
  await checkPlaces({ ...configured, engines: [engine] }, places);
  return engine;
}
