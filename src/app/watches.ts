/**
 * The files that are watched: that of the configuration, and engines' code. Loaded where some are.
 *
 * @module
 */
import type { Settings } from "../config/mod.ts";
import { loadWatchedFiles, type WatchedFiles } from "../platform/mod.ts";

export interface WatchesOptions {
  /** Of the configuration file; `null` = there can't be one. */
  readonly configPath: string | null;
  readonly onConfig: () => void;
  /** Code of this engine has changed. */
  readonly onCode: (engine: string) => void;
  readonly onTrouble: (why: string) => void;
}

/** What is watched for one purpose. */
interface Wish {
  readonly purpose: string;
  readonly patterns: readonly string[];
  readonly onChange: () => void;
  /** It was read before it was watched, and may have changed in between. */
  readonly wasRead?: boolean;
}

/** Follows the settings in what is watched. */
export class Watches {
  readonly #options: WatchesOptions;
  /** By purpose and patterns. */
  #open: ReadonlyMap<string, Promise<WatchedFiles | null>> = new Map();

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  /** Watches what `settings` say, and nothing else any more. */
  follow(settings: Settings): void {
    const before = this.#open;
    this.#open = new Map(
      this.#wishes(settings).map((wish) => {
        const key = JSON.stringify([wish.purpose, wish.patterns]);
        return [key, before.get(key) ?? this.#begin(wish)];
      }),
    );
    for (const [key, watch] of before) if (!this.#open.has(key)) end(watch);
  }

  /** Nothing is watched any more. */
  close(): void {
    for (const watch of this.#open.values()) end(watch);
    this.#open = new Map();
  }

  #wishes({ reload, engines }: Settings): readonly Wish[] {
    const { configPath, onConfig, onCode } = this.#options;
    const ofCode = engines.filter(({ watch }) => watch.length > 0).map(({ name, watch }) => ({
      purpose: `code of ${name}`,
      patterns: watch,
      onChange: () => onCode(name),
    }));
    if (!reload.watch || configPath === null) return ofCode;
    const purpose = "the configuration file";
    return [{ purpose, patterns: [configPath], onChange: onConfig, wasRead: true }, ...ofCode];
  }

  /** `null` where nothing can be watched. */
  async #begin(
    { purpose, patterns, onChange, wasRead = false }: Wish,
  ): Promise<WatchedFiles | null> {
    const onTrouble = (why: string) => this.#options.onTrouble(`Of ${purpose}: ${why}.`);
    try {
      const { WatchedFiles } = await loadWatchedFiles();
      const files = await WatchedFiles.open({ patterns, onChange, onTrouble });
      if (wasRead) onChange();
      return files;
    } catch (error) {
      onTrouble(String(error));
      return null;
    }
  }
}

function end(watch: Promise<WatchedFiles | null>): void {
  watch.then((files) => files?.close(), () => {
    // It never rejects.
  });
}
