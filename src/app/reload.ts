/**
 * A configuration that takes the place of the one in force: read and checked as a whole, then applied at
 * once. Loaded with the first reload.
 *
 * @module
 */
import { checkListenAddress, type Tokens } from "../access/mod.ts";
import type { ServeConfig } from "../cli/mod.ts";
import {
  checkPrograms,
  compareAllEngines,
  configExplainer,
  type ConfigNotice,
  type EngineSettings,
  type LoadedConfig,
  ModelTable,
  readSettings,
  type ReloadReport,
  resolveSettings,
  type Settings,
  settingsInForce,
} from "../config/mod.ts";
import { ConfigError } from "../core/mod.ts";
import { host, systemFiles } from "../platform/mod.ts";
import { loadConfigElsewhere } from "./config_reader.ts";
import type { ConfiguredParts, InForce } from "./configuration.ts";
import { checkPlaces } from "./places.ts";
import { Tls } from "./tls.ts";
import { openTokens } from "./token_file.ts";

/** Where the configuration comes from. */
type Origin = Pick<ServeConfig, "place" | "sources">;

/** A configuration that was found right as a whole. */
export interface NextConfig {
  readonly inForce: InForce;
  readonly report: ReloadReport;
  readonly notices: readonly ConfigNotice[];
  readonly models: ModelTable;
  readonly tokens: Tokens | null;
  readonly tls: Tls | null;
}

/** Reads and checks all of it. Throws `ConfigError`, `ConfigFileError` among them, and `UsageError`. */
export async function readAnew(
  origin: Origin,
  { inForce, limits, places, folder }:
    & Pick<ConfiguredParts, "limits" | "places" | "folder">
    & { readonly inForce: InForce },
): Promise<NextConfig> {
  const loaded = await load(origin, inForce.file);
  const { settings: configured, notices, tls } = await checkPrograms(loaded, {
    resolve: (requested) => resolveSettings(requested, { files: systemFiles, host }),
    openTls: (files) => Tls.open(files),
  });
  const { settings: asked, offered } = await folder.offer(configured, inForce);
  for (const address of asked.listen) {
    checkListenAddress(address, { hasTokens: asked.access.tokenFile !== null });
  }
  const settings = keepRevisions(settingsInForce(inForce.settings, asked), inForce.settings);
  await checkPlaces(settings, places);
  await limits.loadFor(settings.engines);
  const models = new ModelTable(settings.engines, settings.routing);
  const { tokenFile } = settings.access;
  const tokens = tokenFile === null ? null : await openTokens(tokenFile);
  const report = await compare(inForce.settings, { settings, asked, file: loaded.file, origin });
  const next = { settings, offered, file: loaded.file, later: report.later };
  return { inForce: next, report, notices, models, tokens, tls };
}

/** In one go: no request sees some of the old one and some of the new. */
export function applyConfig(
  { inForce: { settings }, report, notices, ...next }: NextConfig,
  { supervisor, models, tokens, tls, voice }: ConfiguredParts,
): void {
  models.become(next.models);
  if (next.tokens !== null) tokens?.become(next.tokens);
  if (next.tls !== null) tls?.become(next.tls);
  voice.setLevels(settings.logs);
  supervisor.apply(settings);
  voice.say(`configuration reloaded: ${summary(report)}`);
  // Of engines that are as they were this was told already.
  const isNew = report.added.length + report.replaced.length > 0;
  for (const { title, detail, remedy } of [...isNew ? notices : [], ...next.tls?.notices ?? []]) {
    voice.notice(title, detail, remedy);
  }
  if (report.later.length > 0) {
    const names = report.later.join(", ");
    const detail = `Of what the configuration says this takes effect at the next start: ${names}.`;
    voice.notice("Not all is reloaded", detail, "Close the program and start it again.");
  }
}

async function load({ place, sources }: Origin, file: InForce["file"]): Promise<LoadedConfig> {
  const loaded = place === null ? null : await loadConfigElsewhere(place, sources);
  if (loaded !== null) return loaded;
  if (file === null) return { requested: readSettings(sources), file: null };
  throw new ConfigError("config_invalid", {
    detail: `The configuration file ${file.path} is not there any more.`,
    remedy: "Put it back, or close the program and start it again without it.",
  });
}

/** Settings with which an engine that is called `name` gets another process. */
export function renewEngine(settings: Settings, name: string): Settings {
  return withRevisions(
    settings,
    (engine) => engine.revision + (engine.name === name ? 1 : 0),
  );
}

/** A file says nothing of how often code has changed. */
function keepRevisions(settings: Settings, before: Settings): Settings {
  const revisions = new Map(before.engines.map(({ name, revision }) => [name, revision]));
  return withRevisions(settings, ({ name }) => revisions.get(name) ?? 0);
}

function withRevisions(settings: Settings, revisionOf: (of: EngineSettings) => number): Settings {
  const [first, ...others] = settings.engines.map((engine) => ({
    ...engine,
    revision: revisionOf(engine),
  }));
  return first === undefined ? settings : { ...settings, engines: [first, ...others] };
}

async function compare(
  before: Settings,
  { settings, asked, file, origin: { sources } }: {
    readonly settings: Settings;
    readonly asked: Settings;
    readonly file: LoadedConfig["file"];
    readonly origin: Origin;
  },
): Promise<ReloadReport> {
  const { explainSettings } = await configExplainer();
  const valuesOf = (settings: Settings) =>
    new Map(
      explainSettings(settings, { file, sources })
        .filter(({ setting }) => !/^(engines|defaults)\b/.test(setting))
        .map(({ setting, value }) => [setting, JSON.stringify(value)]),
    );
  const [old, now, wanted] = [before, settings, asked].map(valuesOf);
  return {
    path: file?.path ?? null,
    ...compareAllEngines(before.engines, settings.engines),
    settings: differing(old, now),
    later: differing(now, wanted),
  };
}

type Values = ReadonlyMap<string, string>;

function differing(one: Values = new Map(), other: Values = new Map()): readonly string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => one.get(name) !== other.get(name));
}

function summary({ added, removed, changed, replaced, settings }: ReloadReport): string {
  const parts = { added, removed, changed, replaced, settings };
  const told = Object.entries(parts).filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what} ${names.join(", ")}`);
  return told.join("; ") || "nothing has changed";
}
