/** `GET /metrics`: the figures, for Prometheus. Looking at them wakes no engine and keeps none. */
import { accepts } from "@std/http";
import type { BoundView } from "../../core/mod.ts";
import { loadMetrics } from "../../observe/mod.ts";
import type { WebDeps } from "../deps.ts";
import type { RequestContext } from "../routes.ts";

const OPEN_METRICS = "application/openmetrics-text;version=1.0.0";
const PROMETHEUS = "text/plain;version=0.0.4";

/** In the format that the client would rather have; in Prometheus' own when it does not say. */
export async function answerMetrics(
  c: RequestContext,
  { supervisor, figures, version }: WebDeps,
  bounds: readonly BoundView[],
): Promise<Response> {
  const { collectMetrics, exposeMetrics, METRICS_TYPES } = await loadMetrics();
  const accept = c.req.header("accept") ?? "*/*";
  const wanted = accepts({ headers: new Headers({ accept }) }, PROMETHEUS, OPEN_METRICS);
  const format = wanted === OPEN_METRICS ? "openmetrics" : "prometheus";
  const families = collectMetrics({
    counts: figures.counts,
    engines: supervisor.views(),
    bounds,
    process: figures.process(),
    version,
  });
  return new Response(exposeMetrics(families, format), {
    headers: { "content-type": METRICS_TYPES[format], "cache-control": "no-store" },
  });
}
