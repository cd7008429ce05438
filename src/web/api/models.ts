/** The models that engines serve, as OpenAI's API lists them. Looking at them wakes no engine. */
import type { ServedModel } from "../../config/mod.ts";
import { type EngineState, RequestError } from "../../core/mod.ts";
import type { WebDeps } from "../deps.ts";
import { addRoute, type WebApp } from "../routes.ts";

/** One model: OpenAI's fields, and ours behind them. */
export interface ModelView {
  readonly id: string;
  readonly object: "model";
  /** Seconds since 1970: when this program began. */
  readonly created: number;
  readonly owned_by: "ai-engine";
  readonly aliases: readonly string[];
  /** The engine that serves it, and that one's state. */
  readonly engine: string;
  readonly state: EngineState;
}

export function addModelRoutes(app: WebApp, { models, supervisor, clock }: WebDeps): void {
  const created = Math.floor(clock.wall() / 1_000);
  const view = ({ aliases, engine }: ServedModel, id: string): ModelView => ({
    id,
    object: "model",
    created,
    owned_by: "ai-engine",
    aliases,
    engine,
    state: supervisor.view(engine).state,
  });
  addRoute(app, "/v1/models", {
    GET: (c) => {
      const data = models.models.map((model) => view(model, model.name));
      return c.json({ object: "list", data });
    },
  });
  addRoute(app, "/v1/models/:name{.+}", {
    GET: (c) => {
      const name = c.req.param("name") ?? "";
      const model = models.find(name);
      // A name with `*` is none that can be asked for.
      return c.json(view(model, model.name.includes("*") ? name : model.name));
    },
  });
  for (const path of ["/v1", "/v1/models/"]) {
    app.all(path, () => {
      throw new RequestError("not_found", {
        detail: "There is nothing at this path.",
        remedy: "GET /v1/models lists the models; requests for them have paths of their engines.",
      });
    });
  }
}
