import type { Settings, SettingSources } from "../config/mod.ts";
import { systemFiles } from "../platform/mod.ts";
import { FolderWatch } from "./folder_watch.ts";
import type { Places } from "./places.ts";
import type { Voice } from "./voice.ts";

/** Settings with an engine for each model in the folder. */
export interface Offer {
  readonly settings: Settings;
  /** Names of those engines. */
  readonly offered: ReadonlySet<string>;
}

export interface ModelsFolderOptions {
  /** Absolute; `null` = there can't be one. */
  readonly path: string | null;
  readonly sources: SettingSources;
  readonly places: Places;
  readonly voice: Voice;
}

/** The folder of GGUF files that are offered without being configured. */
export class ModelsFolder {
  readonly #options: ModelsFolderOptions;
  readonly #told = new Set<string>();
  #watch: FolderWatch | undefined;

  constructor(options: ModelsFolderOptions) {
    this.#options = options;
  }

  /** What is offered beside what is `configured`; an engine of `before` keeps its name. */
  async offer(configured: Settings, before?: Offer): Promise<Offer> {
    const { path, ...options } = this.#options;
    if (path === null || await systemFiles.info(path) === null) {
      return { settings: configured, offered: new Set() };
    }
    // Only where there is a folder.
    const { offerModels } = await import("./offer_models.ts");
    const onRefused = (detail: string, remedy: string) => this.#tell(detail, remedy);
    return await offerModels(configured, { ...options, path, before, onRefused });
  }

  /** Tells when there may be others, until {@linkcode close}. */
  async watch(onChange: () => void): Promise<void> {
    const { path, voice: { clock } } = this.#options;
    if (path === null) return;
    const onTrouble = () =>
      this.#tell(
        `The folder ${path} can't be watched.`,
        "New models come with a reload: config reload.",
      );
    this.#watch = new FolderWatch({ path, clock, onChange, onTrouble });
    await this.#watch.arm();
    // What came before it was watched.
    if (await systemFiles.info(path) !== null) onChange();
  }

  close(): void {
    this.#watch?.close();
  }

  /** Once each. */
  #tell(detail: string, remedy: string): void {
    if (this.#told.has(detail)) return;
    this.#told.add(detail);
    this.#options.voice.notice("Models folder", detail, remedy);
  }
}
