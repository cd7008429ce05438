/**
 * Asks running engines for their own metrics, side by side. That is no request: it wakes none, keeps
 * none, and takes none of their slots. Loaded when somebody wants to know.
 *
 * @module
 */
import { ProtocolError, TimeoutError } from "../core/mod.ts";
import type { ClientResponse, InstancePool } from "../pool/mod.ts";
import type { Engine } from "./engine.ts";
import { isMissingFeature } from "./engine_answers.ts";
import type {
  EngineMetrics,
  FleetMetrics,
  MetricsAnswer,
  WaitOptions,
} from "./supervisor_types.ts";

const ASK = {
  method: "GET",
  target: "/metrics",
  fields: [["Accept", "text/plain;version=0.0.4;q=1,*/*;q=0.1"]],
} as const;
const LIMIT_MS = 1_000;
const MAX_BYTES = 1024 * 1024;

/** Since when a process is ready that has no `/metrics`: it is asked no more. */
const without = new WeakMap<InstancePool, number>();

export async function askMetrics(
  engines: readonly Engine[],
  options: WaitOptions,
): Promise<FleetMetrics> {
  const ejections = engines.map(({ name, ejections }) => ({ engine: name, count: ejections }));
  return { ejections, engines: await askAll(engines, options) };
}

/** All that serve and are ready; those without `/metrics` are left out. */
async function askAll(
  engines: readonly Engine[],
  { signal }: WaitOptions,
): Promise<readonly EngineMetrics[]> {
  const asked = engines.flatMap(({ name, serving }) =>
    serving.flatMap(({ report: { state, process } }, i) => {
      const pool = process?.pool ?? null;
      if (state.name !== "ready" || pool === null || without.get(pool) === state.since) return [];
      const replica = serving.length === 1 ? null : i;
      return [{ engine: name, replica, answer: ask(pool, { since: state.since, signal }) }];
    })
  );
  const answers = await Promise.all(asked.map(({ answer }) => answer));
  return asked.flatMap(({ engine, replica }, i) => {
    const answer = answers[i];
    return answer === null || answer === undefined ? [] : [{ engine, replica, answer }];
  });
}

/** `null` = it has none. Never rejects. */
async function ask(
  pool: InstancePool,
  { since, signal }: { readonly since: number; readonly signal: AbortSignal | undefined },
): Promise<MetricsAnswer | null> {
  const limits = { totalMs: LIMIT_MS, maxBodyBytes: MAX_BYTES };
  try {
    const response = await pool.request(ASK, signal ? { ...limits, signal } : limits);
    if (!isMissingFeature(response.status)) return toAnswer(response);
    without.set(pool, since);
    return null;
  } catch (error) {
    if (error instanceof TimeoutError) return { kind: "failed", why: "timeout" };
    const isTooLarge = error instanceof ProtocolError && error.rule === "BODY_TOO_LARGE";
    return { kind: "failed", why: isTooLarge ? "too_large" : "unreachable" };
  }
}

function toAnswer({ status, body }: ClientResponse): MetricsAnswer {
  if (status !== 200) return { kind: "failed", why: "status" };
  return { kind: "told", bytes: body };
}
