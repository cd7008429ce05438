import { type ModelEngine, ModelNames, modelsOf } from "./model_names.ts";
import { quote } from "./quote.ts";

/** What is wrong with a model's name. */
export interface ModelFault {
  /** Where it stands; `null` = it is the default model. */
  readonly at: ModelPlace | null;
  readonly detail: string;
  readonly remedy: string;
}

/** A name or alias in the settings. */
export interface ModelPlace {
  readonly engine: string;
  /** Index in the engine's models. */
  readonly model: number;
  /** Index in the model's aliases; `null` = the model's name. */
  readonly alias: number | null;
}

interface Claim extends ModelPlace {
  readonly text: string;
}

/**
 * All that is wrong with the models: one served by two engines, one named twice by one engine, a
 * default that nobody serves. Within one engine an alias may be another model's name, which then comes
 * first.
 */
export function findModelFaults(
  engines: readonly ModelEngine[],
  defaultModel: string | null,
): readonly ModelFault[] {
  const faults: ModelFault[] = [];
  const claims = new Map<string, Claim>();
  for (const claim of engines.flatMap(claimsOf)) {
    const key = claim.text.toLowerCase();
    const other = claims.get(key);
    if (other === undefined) claims.set(key, claim);
    else if (other.engine !== claim.engine) faults.push(servedTwice(claim, other));
    else if (isAlias(other) === isAlias(claim)) faults.push(namedTwice(claim));
  }
  if (defaultModel === null) return faults;
  const isServed = new ModelNames(engines.flatMap(modelsOf)).find(defaultModel) !== undefined;
  return isServed ? faults : [...faults, defaultUnserved(defaultModel)];
}

function claimsOf(engine: ModelEngine): Claim[] {
  return modelsOf(engine).flatMap(({ name, aliases }, model) => [
    { text: name, engine: engine.name, model, alias: null },
    ...aliases.map((text, alias) => ({ text, engine: engine.name, model, alias })),
  ]);
}

function isAlias({ alias }: ModelPlace): boolean {
  return alias !== null;
}

function servedTwice({ text, ...at }: Claim, other: Claim): ModelFault {
  return {
    at,
    detail: `The model ${quote(text)} is served by two engines, ${other.engine} and ${at.engine}.`,
    remedy: "Let one engine serve it, or call it differently in one of them.",
  };
}

function namedTwice({ text, ...at }: Claim): ModelFault {
  return {
    at,
    detail: `The engine ${at.engine} names the model ${quote(text)} twice.`,
    remedy: "Name each model and each alias once; case does not tell names apart.",
  };
}

function defaultUnserved(name: string): ModelFault {
  return {
    at: null,
    detail: `The default model ${quote(name)} is served by no engine.`,
    remedy: "Name a model, or an alias of one, that an engine serves.",
  };
}
