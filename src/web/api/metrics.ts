/**
 * `GET /metrics`: the figures, for Prometheus, ours and those that engines have of their own. Looking at
 * them wakes no engine and keeps none.
 *
 * @module
 */
import { type BoundView, sleep } from "../../core/mod.ts";
import { loadMetrics, type MetricsFormat } from "../../observe/mod.ts";
import type { WebDeps } from "../deps.ts";
import type { RequestContext } from "../routes.ts";
import { metricsFormat } from "./metrics_format.ts";

interface Exposition {
  readonly text: string;
  readonly type: string;
}

/** So that engines are asked once at a time, however many want to know. */
export class MetricsDesk {
  readonly #deps: WebDeps;
  readonly #bounds: () => readonly BoundView[];
  /** What is being made, by format: who comes meanwhile gets the same. */
  readonly #making = new Map<MetricsFormat, Promise<Exposition>>();

  constructor(deps: WebDeps, bounds: () => readonly BoundView[]) {
    this.#deps = deps;
    this.#bounds = bounds;
  }

  /** In the format that the client would rather have; in Prometheus' own when it does not say. */
  async answer(c: RequestContext): Promise<Response> {
    const format = metricsFormat(c.req.header("accept") ?? null);
    let making = this.#making.get(format);
    if (making === undefined) {
      making = this.#make(format).finally(() => this.#making.delete(format));
      this.#making.set(format, making);
    }
    const { text, type } = await making;
    return new Response(text, { headers: { "content-type": type, "cache-control": "no-store" } });
  }

  async #make(format: MetricsFormat): Promise<Exposition> {
    const { supervisor, figures, version, clock } = this.#deps;
    const { collectMetrics, exposeMetrics, MergedMetrics, METRICS_TYPES } = await loadMetrics();
    const { ejections, engines } = await supervisor.metrics();
    const { counts, requests, process } = figures;
    const ours = collectMetrics({
      ...{ counts, requests, ejections, bounds: this.#bounds(), version },
      engines: supervisor.views(),
      process: process(),
    });
    const merged = new MergedMetrics(ours);
    for (const engine of engines) {
      // A large text takes a quarter of a second to read: others are served in between.
      for (const _ of merged.adding(engine)) await sleep(clock, 0);
    }
    const exposed = { ours: [...ours, ...merged.outcome()], told: merged.families() };
    return { text: exposeMetrics(exposed, format), type: METRICS_TYPES[format] };
  }
}
