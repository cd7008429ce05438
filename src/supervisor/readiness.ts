/**
 * Finds out when an engine is ready: the socket accepts and the health path answers 200. Looked for
 * by quick retries that grow from 1 ms, each request with a limit of its own.
 *
 * @module
 */
import { type Clock, ConnectError, sleep } from "../core/mod.ts";
import type { InstanceClient } from "../pool/mod.ts";

/** The limit of one health request; a new one is made after it. */
const HEALTH_LIMIT_MS = 2_000;

/** Longest pauses between two tries, while a start is young and later. */
const YOUNG_PAUSE_MS = 4;
const OLD_PAUSE_MS = 25;
const YOUNG_MS = 5_000;

export interface ReadinessOptions {
  readonly client: InstanceClient;
  readonly clock: Clock;
  readonly healthPath: string;
  /** Fires when the start is over, however. */
  readonly signal: AbortSignal;
  /** Told of every answer that is not 200. */
  readonly onNotYet: (status: number) => void;
}

/** Resolves with `ready`, or with `given_up` when `signal` fired. */
export async function waitUntilReady(options: ReadinessOptions): Promise<"ready" | "given_up"> {
  const { clock, signal } = options;
  const begun = clock.now();
  for (let pauseMs = 1; !signal.aborted;) {
    const outcome = await askHealth(options);
    if (outcome === "ready") return signal.aborted ? "given_up" : "ready";
    await sleep(clock, pauseMs, signal);
    const longest = clock.now() - begun < YOUNG_MS && outcome === "no_socket"
      ? YOUNG_PAUSE_MS
      : OLD_PAUSE_MS;
    pauseMs = Math.min(pauseMs * 1.3, longest);
  }
  return "given_up";
}

async function askHealth(options: ReadinessOptions): Promise<"ready" | "no_socket" | "not_yet"> {
  const { client, healthPath, signal, onNotYet } = options;
  try {
    const { status } = await client.request({ method: "GET", target: healthPath }, {
      signal,
      totalMs: HEALTH_LIMIT_MS,
    });
    if (status === 200) return "ready";
    if (!signal.aborted) onNotYet(status);
    return "not_yet";
  } catch (error) {
    // Whatever it was, until the start limit it means: not yet.
    return error instanceof ConnectError && error.stage === "before_send" ? "no_socket" : "not_yet";
  }
}
