/**
 * Finds out when an engine is ready: it takes connections and the health path answers 200, unless
 * something else is to say so. Looked for whenever something has changed where it is to be, or by quick
 * looks whether it is there; then by retries that grow from 1 ms, each with its own limit.
 *
 * @module
 */
import { type Clock, type ConnectError, sleep } from "../core/mod.ts";
import type { InstanceClient } from "../pool/mod.ts";
import { isLackOfOurs } from "./engine_answers.ts";

/** The limit of one health request; a new one is made after it. */
const HEALTH_LIMIT_MS = 2_000;

/** Pauses between two looks where nobody tells of changes, while a start is young and later. */
const YOUNG_PAUSE_MS = 1;
const OLD_PAUSE_MS = 25;
const YOUNG_MS = 5_000;

/** Pauses between two tries once the file is there, growing from the first to {@linkcode OLD_PAUSE_MS}. */
const FIRST_PAUSE_MS = 1;

export interface ReadinessOptions {
  readonly client: InstanceClient;
  readonly clock: Clock;
  readonly healthPath: string;
  /** Whether it may be asked by now: a look that costs little and wakes nobody. */
  readonly isThere: () => Promise<boolean>;
  /** Calls `listener` when another look may be worth while; gives what ends that, if it can be had. */
  readonly onChange?: ((listener: () => void) => (() => void) | null) | undefined;
  /** What makes it ready instead of its health: this resolves, and then it takes connections. */
  readonly said?: Promise<void> | undefined;
  /** Whether it takes connections, which makes it ready; else its health is asked. */
  readonly accepts?: (() => Promise<boolean>) | undefined;
  /** Fires when the start is over, however. */
  readonly signal: AbortSignal;
  /** Told of every answer that is not 200. */
  readonly onNotYet: (status: number) => void;
  /** Told once that it could not be asked, for a lack of ours. */
  readonly onLack: (error: ConnectError) => void;
}

/** Resolves with `ready`, or with `given_up` when `signal` fired. */
export async function waitUntilReady(options: ReadinessOptions): Promise<"ready" | "given_up"> {
  const { signal, said } = options;
  if (said !== undefined) await untilSaid(said, signal);
  const changes = new Changes(options);
  try {
    return await look(options, changes);
  } finally {
    changes.end();
  }
}

async function look(options: ReadinessOptions, changes: Changes): Promise<"ready" | "given_up"> {
  const { clock, signal, isThere, accepts } = options;
  let isLackTold = false;
  const onLack = (error: ConnectError) => {
    if (!isLackTold) options.onLack(error);
    isLackTold = true;
  };
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted;) {
    if (!await isThere()) {
      await changes.wait();
      continue;
    }
    const isReady = accepts === undefined
      ? await askHealth({ ...options, onLack }) === "ready"
      : await accepts();
    if (isReady) {
      return signal.aborted ? "given_up" : "ready";
    }
    await sleep(clock, pauseMs, signal);
    pauseMs = Math.min(pauseMs * 1.3, OLD_PAUSE_MS);
  }
  return "given_up";
}

/** When to look again: after a change, where that is told, and now and then. */
class Changes {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #begun: number;
  readonly #end: (() => void) | null;
  #change = new AbortController();

  constructor({ clock, signal, onChange }: ReadinessOptions) {
    this.#clock = clock;
    this.#signal = signal;
    this.#begun = clock.now();
    this.#end = onChange?.(() => this.#change.abort()) ?? null;
  }

  async wait(): Promise<void> {
    const isSoon = this.#end === null && this.#clock.now() - this.#begun < YOUNG_MS;
    const either = AbortSignal.any([this.#signal, this.#change.signal]);
    await sleep(this.#clock, isSoon ? YOUNG_PAUSE_MS : OLD_PAUSE_MS, either);
    this.#change = new AbortController();
  }

  end(): void {
    this.#end?.();
  }
}

async function askHealth(options: ReadinessOptions): Promise<"ready" | "not_yet"> {
  const { client, healthPath, signal, onNotYet, onLack } = options;
  try {
    const { status } = await client.request({ method: "GET", target: healthPath }, {
      signal,
      totalMs: HEALTH_LIMIT_MS,
    });
    if (status === 200) return "ready";
    if (!signal.aborted) onNotYet(status);
  } catch (error) {
    // Whatever it was, until the start limit it means: not yet.
    if (isLackOfOurs(error)) onLack(error);
  }
  return "not_yet";
}

/** Or until `signal` fires. */
function untilSaid(said: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    if (signal.aborted) return done();
    signal.addEventListener("abort", done, { once: true });
    said.then(done, reject);
  });
}
