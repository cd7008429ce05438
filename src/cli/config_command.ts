/**
 * `config`: the configuration file; all but `reload` without a supervisor.
 *
 * @module
 */
import { resolve } from "@std/path";
import {
  checkPrograms,
  configFile,
  type ConfigPlace,
  type LoadedConfig,
  quote,
  readSettings,
  type SettingSources,
  type ValueSource,
} from "../config/mod.ts";
import { ConfigError, nearest, UsageError } from "../core/mod.ts";
import type { CliDeps } from "./cli_deps.ts";
import type { Screen } from "./screen.ts";
import { alignColumns, fit, oneLine } from "./text.ts";

export interface ConfigRun {
  readonly args: readonly string[];
  readonly deps: CliDeps;
  readonly screen: Screen;
  readonly sources: SettingSources;
  /** Where the file is, or would be. */
  readonly place: ConfigPlace | null;
  /** Has the running supervisor read its file again. */
  readonly reload: () => Promise<number>;
}

const ACTIONS = {
  check,
  show,
  schema,
  path,
  import: importFile,
  reload: ({ reload }) => reload(),
} as const satisfies Readonly<
  Record<string, (run: ConfigRun) => Promise<number>>
>;

/** Longest value that `show` shows; with `--json` all of it. */
const SHOWN_CHARACTERS = 80;

/** How many arguments an action takes at most. */
const MOST_ARGS: Readonly<Record<string, number>> = { check: 1, import: 2 };

/** Runs `config ACTION …`; gives the exit code. */
export async function runConfig(run: ConfigRun): Promise<number> {
  const [action = "", ...args] = run.args;
  if (!isAction(action)) throw unknownAction(action);
  const extra = args[MOST_ARGS[action] ?? 0];
  if (extra === undefined) return await ACTIONS[action]({ ...run, args });
  throw new UsageError({
    detail: `\`config ${action}\` was given ${quote(extra)}, which is one argument too many.`,
    remedy: "ai-engine help config",
  });
}

function isAction(word: string): word is keyof typeof ACTIONS {
  return Object.hasOwn(ACTIONS, word);
}

function unknownAction(action: string): UsageError {
  const names = Object.keys(ACTIONS);
  const near = nearest(action, names);
  return new UsageError({
    detail: `\`config\` has no ${quote(action)}; there is ${names.join(", ")}.`,
    remedy: near === undefined ? "ai-engine help config" : `ai-engine config ${near}`,
  });
}

/** Reads the file and looks for the programs it names. */
async function check(run: ConfigRun): Promise<number> {
  const { deps, screen, args: [file] } = run;
  const place = file === undefined ? run.place : placeOf(file, run);
  const loaded = await load({ ...run, place });
  if (loaded.file === null) throw noFile(place);
  const { path } = loaded.file;
  const { settings } = await checkPrograms(loaded, deps);
  const engines = settings.engines.map(({ name }) => name);
  if (screen.json) await screen.printJson({ path, engines });
  else {
    const names = engines.join(", ");
    await screen.print(`${path}: no errors; ${plural(engines.length, "engine")}: ${names}`);
  }
  return 0;
}

/** What `serve` would go by, and where each value comes from. */
async function show(run: ConfigRun): Promise<number> {
  const { deps, screen, sources } = run;
  const loaded = await load(run);
  const { settings } = await deps.resolve(loaded.requested);
  const { explainSettings } = await configFile();
  const rows = explainSettings(settings, { sources, file: loaded.file });
  const path = loaded.file?.path ?? null;
  if (screen.json) {
    await screen.printJson({ path, settings: rows });
    return 0;
  }
  await screen.print(`# ${path ?? "no file"}`);
  const lines = rows.map(({ setting, value, from }) => [
    setting,
    sourceText(from),
    fit(textOf(value), SHOWN_CHARACTERS),
  ]);
  await screen.print(...alignColumns(lines));
  return 0;
}

async function schema({ screen }: ConfigRun): Promise<number> {
  const { configJsonSchema } = await configFile();
  const document = configJsonSchema();
  await screen.print(screen.json ? JSON.stringify(document) : JSON.stringify(document, null, 2));
  return 0;
}

/** Where the file is, or would be. */
async function path({ deps, screen, place }: ConfigRun): Promise<number> {
  if (place === null) throw noFile(null);
  const exists = await deps.isThere(place.path);
  if (screen.json) await screen.printJson({ path: place.path, exists });
  else {
    await screen.print(place.path);
    if (!exists) await screen.tell("there is no file yet");
  }
  return 0;
}

/** Another program's file as one of ours on stdout; what has no equal is told on stderr. */
async function importFile(run: ConfigRun): Promise<number> {
  const { deps, screen, args: [from, file] } = run;
  if (from !== "llama-swap" || file === undefined) {
    throw new UsageError({
      detail: "`config import` takes llama-swap and the path of its file.",
      remedy: "ai-engine config import llama-swap config.yaml > ai-engine.yaml",
    });
  }
  const place = placeOf(file, run);
  const { importLlamaSwap, missingConfig } = await configFile();
  const bytes = await deps.readConfig(place);
  if (bytes === null) throw missingConfig(place);
  const { text, notes } = importLlamaSwap(bytes, place.path);
  if (screen.json) await screen.printJson({ text, notes });
  else {
    await screen.print(text.trimEnd());
    await screen.tell(...notes.map(({ at, says }) => oneLine(`${at}: ${says}`)));
  }
  return 0;
}

/** Reads the file in this process. Throws `ConfigError`. */
async function load({ deps, sources, place }: ConfigRun): Promise<LoadedConfig> {
  const bytes = place === null ? null : await deps.readConfig(place);
  if (place === null || bytes === null) {
    if (place !== null && place.setting !== null) throw (await configFile()).missingConfig(place);
    return { requested: readSettings(sources), file: null };
  }
  const { loadConfig } = await configFile();
  return loadConfig(bytes, { path: place.path, sources });
}

function placeOf(file: string, { sources }: ConfigRun): ConfigPlace {
  return { path: resolve(sources.cwd, file), setting: "The command" };
}

function noFile(place: ConfigPlace | null): ConfigError {
  return new ConfigError("config_invalid", {
    detail: place === null
      ? "There is no place for a configuration file: neither XDG_CONFIG_HOME nor HOME is set."
      : `There is no configuration file at ${place.path}.`,
    remedy: "Name one with --config, or write it; docs/config.md has examples.",
  });
}

function sourceText(from: ValueSource): string {
  switch (from.kind) {
    case "default":
      return "default";
    case "file":
      return `line ${from.line}`;
    case "environment":
      return from.variable;
    case "flag":
      return from.flag;
  }
}

function textOf(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return "-";
  if (typeof value === "string") return oneLine(value);
  if (!Array.isArray(value) || value.some((item) => typeof item === "object")) {
    return oneLine(JSON.stringify(value));
  }
  return oneLine(value.join(" "));
}

function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
