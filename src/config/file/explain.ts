/**
 * What every setting is and where that comes from, for people: secrets are masked.
 *
 * @module
 */
import { resolve } from "@std/path";
import { find, findAll, type SettingSources } from "../given.ts";
import type { FileOrigin, LoadedConfig } from "../loaded_config.ts";
import { SETTING_NAMES, type SettingName } from "../setting_flags.ts";
import type { Settings } from "../settings.ts";
import { join } from "./read_by_schema.ts";
import { fieldsByKey, type ListSchema, type Schema } from "./schema.ts";
import { isSecretName } from "./secret_name.ts";
import { FILE_SCHEMA } from "./settings_schema.ts";

/** Where a value comes from. */
export type ValueSource =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly path: string; readonly line: number }
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "flag"; readonly flag: string };

/** A setting as it is in force. */
export interface SettingRow {
  /** As the file would have it, e.g. `engines.llm.idleTimeout`. */
  readonly setting: string;
  /** As the file would have it; `null` = none. */
  readonly value: unknown;
  readonly from: ValueSource;
}

export interface ExplainOptions extends Pick<LoadedConfig, "file"> {
  readonly sources: SettingSources;
}

const MASK = "***";

/** What of it holds for engines of GGUF files that the file does not have, too. */
const OF_MODELS: ReadonlySet<string> = new Set([
  "model",
  "python-dir",
  "start-timeout",
  "grace",
  "idle-timeout",
]);

/** What each flag and variable sets; `*` stands for the first engine, the only one of flags. */
const SETS: Readonly<Record<SettingName, readonly string[]>> = {
  listen: ["listen"],
  control: ["control"],
  engine: ["engines.*.kind", "engines.*.command"],
  model: ["engines.*.model"],
  "python-dir": ["engines.*.pythonDir"],
  "health-path": ["engines.*.healthPath"],
  "start-timeout": ["engines.*.startTimeout"],
  grace: ["engines.*.grace"],
  "idle-timeout": ["engines.*.idleTimeout"],
  "engine-socket": ["engines.*.socket"],
  "token-file": ["access.tokenFile"],
  "log-level": ["logs.level"],
  "log-file": ["logs.file"],
};

/** Every setting in the order of the documents. */
export function explainSettings(
  settings: Settings,
  options: ExplainOptions,
): readonly SettingRow[] {
  const engines = Object.fromEntries(settings.engines.map((engine) => [engine.name, engine]));
  const explainer = new Explainer(options, settings.engines);
  return explainer.explain({ ...settings, engines }, FILE_SCHEMA, "");
}

class Explainer {
  readonly #options: ExplainOptions;
  readonly #given = new Map<string, ValueSource>();
  /** Engines that the file does not have: its defaults are not theirs. */
  readonly #elsewhere: readonly string[];

  constructor(options: ExplainOptions, engines: Settings["engines"]) {
    this.#options = options;
    const { file, sources } = options;
    const [first] = engines;
    const ofModels = engines.filter(({ name, model }) =>
      model !== null && file?.origins[`engines.${name}`] === undefined
    );
    this.#elsewhere = engines.map(({ name }) => `engines.${name}`)
      .filter((setting) => file?.origins[setting] === undefined);
    const named = new Set(
      findAll(sources, "model").map(({ value }) => resolve(sources.cwd, value)),
    );
    const enginesOf = (setting: SettingName) => {
      if (setting === "model") return ofModels.filter(({ model }) => named.has(model ?? ""));
      return OF_MODELS.has(setting) ? [first, ...ofModels] : [first];
    };
    for (const name of SETTING_NAMES) {
      const given = find(options.sources, name);
      if (given === undefined) continue;
      const { setting } = given;
      const source: ValueSource = setting.startsWith("--")
        ? { kind: "flag", flag: setting }
        : { kind: "environment", variable: setting };
      for (const engine of enginesOf(name)) {
        for (const set of SETS[name]) this.#given.set(set.replace("*", engine.name), source);
      }
    }
  }

  explain(value: unknown, schema: Schema, setting: string): readonly SettingRow[] {
    if (schema.kind === "group") {
      return Array.from(fieldsByKey(schema)).flatMap(([key, { names, field }]) => {
        const inner = valueAt(value, names);
        return inner === undefined ? [] : this.explain(inner, field.schema, join(setting, key));
      });
    }
    const entries = schema.kind === "map" ? Object.entries(value ?? {}) : [];
    if (schema.kind === "map" && entries.length > 0) {
      return entries.flatMap(([name, inner]) =>
        this.explain(inner, schema.values, join(setting, name))
      );
    }
    const shown = value === null || schema.kind === "map"
      ? null
      : this.#show(value, schema, setting);
    return [{ setting, value: shown, from: this.#sourceOf(setting) }];
  }

  #show(value: unknown, schema: Schema, setting: string): unknown {
    const text = this.#originOf(setting)?.shown;
    if (text !== undefined) return text;
    if (setting.includes(".headers.")) return MASK;
    if (isSecretName(setting.split(".").at(-1) ?? "") && setting.includes(".environment.set.")) {
      return MASK;
    }
    if (schema.kind !== "list" || !Array.isArray(value)) return write(value, schema);
    return setting.endsWith(".command")
      ? this.#showCommand(value.map(String), setting)
      : value.map((item, i) =>
        this.#originOf(`${setting}[${i}]`)?.shown ?? write(item, schema.item)
      );
  }

  /** Words before those of the file are the interpreter's that was found. */
  #showCommand(words: readonly string[], setting: string): readonly string[] {
    let count = 0;
    while (this.#originOf(`${setting}[${count}]`) !== undefined) count++;
    return words.map((word, i) => {
      const shown = this.#originOf(`${setting}[${i - words.length + count}]`)?.shown;
      return shown ?? maskArgument(word, words[i - 1]);
    });
  }

  #sourceOf(setting: string): ValueSource {
    const given = this.#given.get(setting);
    if (given !== undefined) return given;
    const origin = this.#originOf(setting);
    const { file } = this.#options;
    if (origin === undefined || file === null) return { kind: "default" };
    return { kind: "file", path: file.path, line: origin.line };
  }

  /** Of the setting, or of the one that holds for all engines. */
  #originOf(setting: string): FileOrigin | undefined {
    const { file } = this.#options;
    if (file === null || this.#given.has(setting)) return undefined;
    const general = /^engines\.(.*)$/.exec(setting)?.[1];
    const own = file.origins[setting];
    if (own !== undefined || general === undefined) return own;
    if (this.#elsewhere.some((engine) => setting.startsWith(`${engine}.`))) return undefined;
    // A name of an engine may have dots in it.
    const dots = Array.from(general.matchAll(/\./g), ({ index }) => general.slice(index + 1));
    for (const rest of dots) {
      const origin = file.origins[`defaults.${rest}`];
      if (origin !== undefined) return origin;
    }
    return undefined;
  }
}

/** As the file would have it. */
export function write(value: unknown, schema: Schema | ListSchema["item"]): unknown {
  if (value === null || value === undefined) return null;
  switch (schema.kind) {
    case "value":
      return schema.write(value);
    case "list":
      return Array.isArray(value) ? value.map((item) => write(item, schema.item)) : value;
    case "map":
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, write(one, schema.values)]),
      );
    case "group": {
      const fields = Array.from(fieldsByKey(schema), ([key, { names, field }]) => [
        key,
        write(valueAt(value, names), field.schema),
      ]);
      return Object.fromEntries(fields.filter(([, one]) => one !== null));
    }
  }
}

/** `--api-key X` and `--api-key=X` without the X. */
function maskArgument(word: string, before: string | undefined): string {
  const flag = /^(--?[^=]+)=/.exec(word)?.[1];
  if (flag !== undefined) return isSecretName(flag) ? `${flag}=${MASK}` : word;
  const isValue = before !== undefined && /^--?[^=]+$/.test(before) && !word.startsWith("-");
  return isValue && isSecretName(before) ? MASK : word;
}

export function valueAt(value: unknown, names: readonly string[]): unknown {
  let inner: unknown = value;
  for (const name of names) {
    if (typeof inner !== "object" || inner === null) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[name];
  }
  return inner;
}
