/**
 * Has a Python engine of ours take a profile of itself. That is no request: it starts none, keeps none, and
 * takes none of its slots. Loaded when somebody wants to know.
 *
 * @module
 */
import { RequestError } from "../core/mod.ts";
import type { ClientResponse } from "../pool/mod.ts";
import { isMissingFeature } from "./engine_answers.ts";
import type { Engine } from "./engine.ts";
import type { ProfileOptions } from "./supervisor_types.ts";

/** What it may take beyond the time of the profile. */
const MORE_MS = 10_000;

export async function askProfile(
  engine: Engine,
  { seconds, signal }: ProfileOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { name, settings, serving } = engine;
  if (settings.kind !== "python") throw notOurs(name);
  const ready = serving.find(({ state }) => state.name === "ready");
  const pool = ready?.report.process?.pool ?? null;
  if (pool === null) throw notRunning(name);
  const answer = await pool.request(
    { method: "POST", target: `/profile?seconds=${seconds}` },
    { totalMs: seconds * 1_000 + MORE_MS, fresh: true, ...(signal ? { signal } : {}) },
  );
  if (isMissingFeature(answer.status)) throw notOurs(name);
  if (answer.status !== 200) throw refused(name, answer);
  return answer.body.slice();
}

function notOurs(engine: string): RequestError {
  return new RequestError("not_managed", {
    engine,
    detail:
      `${engine} is no Python engine of ours, or an older one: it can't take a profile of itself.`,
    remedy: "Use a profiler of its own language on its process; its pid is in its view.",
  });
}

function notRunning(engine: string): RequestError {
  return new RequestError("bad_request", {
    engine,
    detail: `${engine} is not ready; a profile is taken of a process that serves.`,
    remedy: "Start it, then take the profile while it works.",
  });
}

function refused(engine: string, { status, body }: ClientResponse): RequestError {
  const said = new TextDecoder().decode(body.subarray(0, 500));
  return new RequestError("not_managed", {
    engine,
    detail: `${engine} took no profile of itself; it answered ${status}: ${said}`,
    remedy: "Try again when no other profile of it is being taken.",
  });
}
