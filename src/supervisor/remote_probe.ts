/** Whether a server elsewhere can be used: asked again and again, for as long as anybody may want it. */
import type { EngineSettings } from "../config/mod.ts";
import {
  type AiEngineError,
  type Clock,
  type EngineAddress,
  formatAddress,
  LifecycleError,
  type Random,
  sleep,
  toAiEngineError,
  type Transports,
} from "../core/mod.ts";
import type { InstanceClient } from "../pool/mod.ts";

/** Between two probes, give or take a fifth: many of us must not ask all at once. */
export const PROBE_MS = 5_000;
const JITTER = 0.2;

/** How long one of them may take. */
const PROBE_LIMIT_MS = 5_000;

/** So many in a row say that one that was there is gone. */
const MISSES = 2;

export interface RemoteProbeOptions {
  readonly settings: EngineSettings;
  readonly address: EngineAddress;
  readonly client: InstanceClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly transports: Transports;
  /** Fires when nobody wants to know any more. */
  readonly signal: AbortSignal;
  readonly onAnswer: () => void;
  /** It does not answer as it should: at the first probe, or now {@linkcode MISSES} times in a row. */
  readonly onMissed: (why: AiEngineError) => void;
}

/** Resolves when `signal` fires. Never rejects. */
export async function probeRemote(options: RemoteProbeOptions): Promise<void> {
  const { clock, random, signal, onAnswer, onMissed } = options;
  let misses = MISSES - 1;
  while (!signal.aborted) {
    const why = await ask(options);
    if (signal.aborted) return;
    misses = why === null ? 0 : misses + 1;
    if (why === null) onAnswer();
    else if (misses >= MISSES) onMissed(why);
    await sleep(clock, PROBE_MS * (1 + JITTER * (2 * random.fraction() - 1)), signal);
  }
}

/** Why it can't be used; `null` = it can. */
async function ask(options: RemoteProbeOptions): Promise<AiEngineError | null> {
  const { settings: { healthPath, ready }, client, signal, address, transports } = options;
  try {
    if (ready.by === "accept") {
      (await transports.to(address).connect()).close();
      return null;
    }
    const { status } = await client.request({ method: "GET", target: healthPath }, {
      signal,
      totalMs: PROBE_LIMIT_MS,
    });
    return status === 200 ? null : unhealthy(options, status);
  } catch (error) {
    return toAiEngineError(error);
  }
}

function unhealthy(
  { settings: { name, healthPath }, address }: RemoteProbeOptions,
  status: number,
): LifecycleError {
  return new LifecycleError("health_failed", {
    engine: name,
    detail: `${name} at ${formatAddress(address)} answered GET ${healthPath} with ${status}, ` +
      "not 200.",
    remedy: "Set healthPath to a path that it answers with 200, and headers if it wants a " +
      "credential; or set ready: accept.",
  });
}
