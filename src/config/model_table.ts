import { ConfigError, ModelError } from "../core/mod.ts";
import { findModelFaults } from "./model_faults.ts";
import { type ModelEngine, ModelNames, modelsOf, type ServedModel } from "./model_names.ts";
import { quote } from "./quote.ts";
import type { RoutingSettings } from "./settings.ts";

/** So many names an error tells. */
const NAMES_TOLD = 50;

/** Which engine serves which model, found by what a client calls it. */
export class ModelTable {
  #models: readonly ServedModel[];
  #names: ModelNames;
  /** The engine of requests that name no model. */
  #engineOfUnnamed: string | undefined;

  /** Throws `ConfigError` about the first of `findModelFaults`. */
  constructor(
    engines: readonly ModelEngine[],
    { defaultModel }: Pick<RoutingSettings, "defaultModel">,
  ) {
    const [fault] = findModelFaults(engines, defaultModel);
    if (fault !== undefined) throw new ConfigError("config_invalid", fault);
    this.#models = engines.flatMap(modelsOf);
    this.#names = new ModelNames(this.#models);
    const [first, ...others] = engines;
    this.#engineOfUnnamed = defaultModel === null
      ? others.length === 0 ? first?.name : undefined
      : this.#names.find(defaultModel)?.engine;
  }

  /** In the order of the settings. */
  get models(): readonly ServedModel[] {
    return this.#models;
  }

  /** From now on it says what `other` does. */
  become(other: ModelTable): void {
    this.#models = other.#models;
    this.#names = other.#names;
    this.#engineOfUnnamed = other.#engineOfUnnamed;
  }

  /** The model that is called `name`, in any case. Throws `unknown_model`. */
  find(name: string): ServedModel {
    const model = this.#names.find(name);
    if (model !== undefined) return model;
    throw new ModelError("unknown_model", {
      detail: `There is no model ${quote(name)}.`,
      remedy: `Name one of these: ${this.#told()}.`,
    });
  }

  /**
   * The engine for a request that names no model: that of the default model, else the only one. Throws
   * `bad_request`; `why` is a sentence that says why no model was found.
   */
  engineOfUnnamed(why: string): string {
    if (this.#engineOfUnnamed !== undefined) return this.#engineOfUnnamed;
    throw new ModelError("bad_request", {
      detail: `${why} So it can't be told which engine is to answer.`,
      remedy: `Name one of these as "model" or in the header AI-Engine-Model: ${this.#told()}.`,
    });
  }

  #told(): string {
    const names = this.models.slice(0, NAMES_TOLD).map(({ name }) => quote(name));
    const more = this.models.length - names.length;
    return names.join(", ") + (more > 0 ? ` and ${more} more, which GET /v1/models lists` : "");
  }
}
