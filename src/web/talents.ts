/**
 * What can be tried with an engine besides an input, as far as it is known without asking it.
 *
 * @module
 */
import { BOX_MODEL, type ServedModel } from "../config/mod.ts";
import type { WebDeps } from "./deps.ts";
import type { Talents } from "./ui/pages/engine/try_model.ts";

/** What our Python engine calls a model that makes vectors of texts. */
const EMBEDS = "embedding";

/** The engine's own word for a model, by the model's name there. */
type Kinds = ReadonlyMap<unknown, unknown>;

/** Whether a model writes texts, compares them, or may do either. */
type Talent = "writes" | "compares" | "unknown";

export function talentsOf(engine: string, deps: WebDeps): Talents {
  const { kind } = deps.supervisor.view(engine);
  const named = deps.models.models.filter(({ name }) => !name.includes("*"));
  const own = named.filter((model) => model.engine === engine);
  const isOurs = kind === "python";
  const writers = own.filter((model) => talentOf(model, deps) !== "compares");
  return {
    chat: kind === "builtin" ? [] : (isOurs ? writers : own).map(({ name }) => name),
    likeness: isOurs
      ? own.find((model) => talentOf(model, deps) === "compares")?.name ?? null
      : null,
    missing: isOurs && writers.length === 0
      ? { modelsDir: deps.modelsDir, elsewhere: writersElsewhere(named, deps) }
      : null,
  };
}

/** Models of other engines of ours that are likely to write. */
function writersElsewhere(models: readonly ServedModel[], deps: WebDeps) {
  return models.filter((model) =>
    deps.supervisor.view(model.engine).kind === "python" && talentOf(model, deps) !== "compares"
  ).map(({ name, engine }) => ({ model: name, engine }));
}

/** By what the running engine says of it, else by its name. */
function talentOf({ name, upstreamModel, engine }: ServedModel, deps: WebDeps): Talent {
  const kind = kindsOf(deps.events.latest("python_status", engine)?.status).get(
    upstreamModel ?? name,
  );
  if (kind === EMBEDS) return "compares";
  if (typeof kind === "string") return "writes";
  return (upstreamModel ?? name) === BOX_MODEL ? "compares" : "unknown";
}

function kindsOf(status: Readonly<Record<string, unknown>> | undefined): Kinds {
  const models = status?.["models"];
  if (!Array.isArray(models)) return new Map();
  return new Map(
    models.flatMap((model: unknown) =>
      typeof model === "object" && model !== null && "name" in model && "kind" in model
        ? [[model.name, model.kind] as const]
        : []
    ),
  );
}
