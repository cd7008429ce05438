import type { EngineSettings, ModelSettings } from "./settings.ts";

/** What of an engine says which models it serves. */
export type ModelEngine = Pick<EngineSettings, "name" | "models">;

/** A model and who serves it. */
export interface ServedModel extends ModelSettings {
  /** The engine's name. */
  readonly engine: string;
}

/** The models of an engine: without any of its own it serves one, called as the engine is. */
export function modelsOf({ name, models }: ModelEngine): readonly ServedModel[] {
  if (models.length === 0) return [{ name, aliases: [], upstreamModel: null, engine: name }];
  return models.map((model) => ({ ...model, engine: name }));
}

/** A name or alias with `*`, in lower case, cut at each of them. */
interface Pattern {
  readonly parts: readonly string[];
  readonly length: number;
  readonly model: ServedModel;
}

/**
 * Models by what they are called, in any case: by their names, else by their aliases, else by the
 * longest name or alias with a `*` that fits, which stands for any characters, or none.
 */
export class ModelNames {
  readonly #names = new Map<string, ServedModel>();
  readonly #aliases = new Map<string, ServedModel>();
  readonly #patterns: readonly Pattern[];

  constructor(models: readonly ServedModel[]) {
    const patterns: Pattern[] = [];
    for (const model of models) {
      for (const [index, name] of [model.name, ...model.aliases].entries()) {
        const text = name.toLowerCase();
        if (text.includes("*")) {
          patterns.push({ parts: text.split("*"), length: text.length, model });
        } else (index === 0 ? this.#names : this.#aliases).set(text, model);
      }
    }
    this.#patterns = patterns.sort((one, other) => other.length - one.length);
  }

  find(name: string): ServedModel | undefined {
    const text = name.toLowerCase();
    return this.#names.get(text) ?? this.#aliases.get(text) ??
      this.#patterns.find(({ parts }) => fits(text, parts))?.model;
  }
}

/** Whether `parts` stand in `text` one after the other, the first and the last of them at its ends. */
function fits(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
