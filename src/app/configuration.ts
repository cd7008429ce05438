import type { Tokens } from "../access/mod.ts";
import type { ServeConfig } from "../cli/mod.ts";
import {
  compareAllEngines,
  configExplainer,
  ConfigFileError,
  type ConfigView,
  type LoadedConfig,
  ModelTable,
  type ReloadReport,
} from "../config/mod.ts";
import { toAiEngineError } from "../core/mod.ts";
import type { Supervisor } from "../supervisor/mod.ts";
import type { LimitsLoader } from "./limits_loader.ts";
import type { ModelsFolder, Offer } from "./models_folder.ts";
import type { Places } from "./places.ts";
import type { Tls } from "./tls.ts";
import type { Voice } from "./voice.ts";
import type { Watches } from "./watches.ts";

/** What the program goes by. */
export interface InForce extends Offer {
  readonly file: LoadedConfig["file"];
  /** Settings that the file has changed since, and that take effect at the next start. */
  readonly later: readonly string[];
}

/** What goes by the configuration and takes another one. */
export interface ConfiguredParts {
  readonly supervisor: Supervisor;
  readonly models: ModelTable;
  readonly tokens: Tokens | null;
  readonly tls: Tls | null;
  readonly voice: Voice;
  readonly places: Places;
  readonly limits: LimitsLoader;
  readonly folder: ModelsFolder;
}

/** The configuration in force, and how another one takes its place. */
export class Configuration {
  readonly #origin: Pick<ServeConfig, "place" | "sources">;
  readonly #parts: ConfiguredParts;
  #inForce: InForce;
  /** The newest reload, of which there is one at a time. */
  #reloading: Promise<unknown> = Promise.resolve();
  /** Once anything is watched. */
  #watches: Watches | undefined;

  constructor(
    { file, place, sources }: Pick<ServeConfig, "file" | "place" | "sources">,
    { settings, offered, ...parts }: ConfiguredParts & Offer,
  ) {
    this.#origin = { place, sources };
    this.#parts = parts;
    this.#inForce = { settings, offered, file, later: [] };
  }

  /** Variables of the environment that are keys for engines elsewhere. */
  get keyVariables(): readonly string[] {
    return this.#inForce.file?.keyVariables ?? [];
  }

  /** Every setting and where it comes from, secrets masked. */
  async view(): Promise<ConfigView> {
    const { settings, file, later } = this.#inForce;
    const { explainSettings } = await configExplainer();
    const rows = explainSettings(settings, { file, sources: this.#origin.sources });
    return { path: file?.path ?? null, settings: rows, later };
  }

  /**
   * Reads the file again and goes by it; after the one that is under way. Rejects with `ConfigError`
   * about a file that can't be used: nothing has changed then.
   */
  reload(): Promise<ReloadReport> {
    return this.#inTurn(() => this.#reload());
  }

  /** Watches the files that are to be, and goes by them; to be ended by {@linkcode unwatch}. */
  async watch(): Promise<void> {
    const { settings } = this.#inForce;
    const isWanted = settings.reload.watch ||
      settings.engines.some(({ watch }) => watch.length > 0);
    if (this.#watches === undefined && !isWanted) return;
    const { Watches } = await import("./watches.ts");
    this.#watches ??= new Watches({
      configPath: this.#origin.place?.path ?? null,
      onConfig: () => this.reloadUnasked(),
      onCode: (engine) => this.#renew(engine),
      onTrouble: (why) =>
        this.#parts.voice.notice("Not all is watched", why, "Reload by hand: config reload."),
    });
    this.#watches.follow(settings);
  }

  /** Goes by what comes into the models folder, and what goes; to be ended by {@linkcode unwatch}. */
  async watchModels(): Promise<void> {
    await this.#parts.folder.watch(() => {
      this.#inTurn(() => this.#offer()).catch((error) => this.#tellRefused(error));
    });
  }

  unwatch(): void {
    this.#parts.folder.close();
    this.#watches?.close();
  }

  /** As {@linkcode reload}, where nobody is there to be told but all who listen. */
  reloadUnasked(): void {
    this.reload().catch((error) => this.#tellRefused(error));
  }

  /** One after the other. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#reloading;
    const run = async () => {
      await before;
      return await work();
    };
    const running = run();
    this.#reloading = running.catch(() => {
      // Told to who asked for it.
    });
    return await running;
  }

  /** Another process takes the place of the one that runs: its code has changed. */
  #renew(engine: string): void {
    const renew = async () => {
      const { renewEngine } = await import("./reload.ts");
      const settings = renewEngine(this.#inForce.settings, engine);
      this.#inForce = { ...this.#inForce, settings };
      this.#parts.voice.say(`code of ${engine} has changed: another process takes its place`);
      this.#parts.supervisor.apply(settings);
    };
    this.#inTurn(renew).catch((error) => this.#tellRefused(error));
  }

  /** Adds and removes engines as a reload does, by what is in the models folder now. */
  async #offer(): Promise<void> {
    const { settings: before, offered } = this.#inForce;
    const { folder, models, supervisor, voice } = this.#parts;
    const [first, ...others] = before.engines.filter(({ name }) => !offered.has(name));
    if (first === undefined) throw new TypeError("No engine is configured");
    const configured = { ...before, engines: [first, ...others] as const };
    const next = await folder.offer(configured, this.#inForce);
    const { added, removed } = compareAllEngines(before.engines, next.settings.engines);
    if (added.length + removed.length === 0) return;
    models.become(new ModelTable(next.settings.engines, next.settings.routing));
    this.#inForce = { ...this.#inForce, ...next };
    supervisor.apply(next.settings);
    const told = Object.entries({ added, removed }).filter(([, names]) => names.length > 0)
      .map(([what, names]) => `${what} ${names.join(", ")}`);
    voice.say(`models folder: ${told.join("; ")}`);
  }

  async #reload(): Promise<ReloadReport> {
    // Seldom needed.
    const { applyConfig, readAnew } = await import("./reload.ts");
    const next = await readAnew(this.#origin, { inForce: this.#inForce, ...this.#parts });
    this.#inForce = next.inForce;
    applyConfig(next, this.#parts);
    await this.watch();
    return next.report;
  }

  #tellRefused(thrown: unknown): void {
    const error = toAiEngineError(thrown);
    const faults = error instanceof ConfigFileError
      ? error.faults.map(({ line, column, detail }) => ` ${line}:${column}: ${detail}`)
      : [];
    const detail = `${error.message}${faults.join("")} Nothing has changed.`;
    this.#parts.voice.notice("Configuration not reloaded", detail, error.remedy);
  }
}
