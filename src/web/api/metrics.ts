/**
 * `GET /metrics`: the figures, for Prometheus, ours and those that engines have of their own. Looking at
 * them wakes no engine and keeps none.
 *
 * @module
 */
import { type BoundView, sleep } from "../../core/mod.ts";
import { loadMetrics } from "../../observe/mod.ts";
import type { WebDeps } from "../deps.ts";
import type { RequestContext } from "../routes.ts";
import { metricsFormat } from "./metrics_format.ts";

/** In the format that the client would rather have; in Prometheus' own when it does not say. */
export async function answerMetrics(
  c: RequestContext,
  { supervisor, figures, version, clock }: WebDeps,
  bounds: readonly BoundView[],
): Promise<Response> {
  const { collectMetrics, exposeMetrics, MergedMetrics, METRICS_TYPES } = await loadMetrics();
  const { ejections, engines } = await supervisor.metrics({ signal: c.env.signal });
  const { counts, requests, process } = figures;
  const ours = collectMetrics({
    ...{ counts, requests, ejections, bounds, version },
    engines: supervisor.views(),
    process: process(),
  });
  const merged = new MergedMetrics(ours);
  for (const [i, engine] of engines.entries()) {
    // A large text takes milliseconds to read: others are served in between.
    if (i > 0) await sleep(clock, 0);
    merged.add(engine);
  }
  const format = metricsFormat(c.req.header("accept") ?? null);
  const exposed = { ours: [...ours, ...merged.outcome()], told: merged.families() };
  return new Response(exposeMetrics(exposed, format), {
    headers: { "content-type": METRICS_TYPES[format], "cache-control": "no-store" },
  });
}
