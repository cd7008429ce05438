/**
 * Looks at a ready engine once a second, above all at its `GET /status`. A poll that
 * fails is reported once per streak and is never fatal; an engine without `/status` is left alone.
 *
 * @module
 */
import { type Clock, sleep, toAiEngineError } from "../core/mod.ts";
import type { ClientResponse, InstanceClient } from "../pool/mod.ts";
import { isMissingFeature, parseJsonObject } from "./engine_answers.ts";

const BEAT_MS = 1_000;
const POLL_LIMIT_MS = 3_000;

export type EngineStatus = Readonly<Record<string, unknown>>;

export interface StatusWatchOptions {
  readonly client: InstanceClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onStatus: (status: EngineStatus) => void;
  /** After each look, with or without an answer. */
  readonly onBeat: () => void;
  readonly onNotice: (title: string, detail: string) => void;
}

/** Runs until `signal` fires. */
export async function watchStatus(options: StatusWatchOptions): Promise<void> {
  const { clock, signal } = options;
  let poll: "works" | "fails" | "missing" = "works";
  for (
    let next = clock.now() + BEAT_MS;
    !signal.aborted;
    next = Math.max(next + BEAT_MS, clock.now())
  ) {
    await sleep(clock, next - clock.now(), signal);
    if (signal.aborted) return;
    if (poll !== "missing") poll = await pollOnce(options, poll);
    if (!signal.aborted) options.onBeat();
  }
}

async function pollOnce(
  options: StatusWatchOptions,
  before: "works" | "fails",
): Promise<"works" | "fails" | "missing"> {
  const answer = await ask(options);
  if (options.signal.aborted) return before;
  if ("status" in answer && isMissingFeature(answer.status)) {
    options.onNotice(
      "No live status",
      `The engine has no GET /status (it answered ${answer.status}).`,
    );
    return "missing";
  }
  const problem = "problem" in answer ? answer.problem : problemOf(answer);
  if (problem === null) {
    options.onStatus(parseJsonObject((answer as ClientResponse).body) ?? {});
    return "works";
  }
  if (before === "works") options.onNotice("Status poll failed", problem);
  return "fails";
}

async function ask(options: StatusWatchOptions): Promise<ClientResponse | { problem: string }> {
  const { client, signal } = options;
  try {
    return await client.request({ method: "GET", target: "/status" }, {
      signal,
      totalMs: POLL_LIMIT_MS,
    });
  } catch (error) {
    return { problem: signal.aborted ? "" : toAiEngineError(error).message };
  }
}

function problemOf(answer: ClientResponse): string | null {
  if (answer.status !== 200) return `GET /status was answered with ${answer.status}.`;
  if (answer.body.length > 0 && parseJsonObject(answer.body) === null) {
    return "GET /status was answered with something that is not a JSON object.";
  }
  return null;
}
