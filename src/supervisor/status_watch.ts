/**
 * Looks at a ready engine once a second, above all at its `GET /status`. A poll that
 * fails is reported once per streak and is never fatal; an engine without `/status` is not asked for
 * it again. Whether the engine answers at all is {@linkcode Liveness}'s to find out.
 *
 * @module
 */
import { type Clock, sleep, toAiEngineError } from "../core/mod.ts";
import type { ClientResponse, InstanceClient } from "../pool/mod.ts";
import type { Liveness } from "./liveness.ts";
import { isMissingFeature, parseJsonObject } from "./engine_answers.ts";

const BEAT_MS = 1_000;
const POLL_LIMIT_MS = 3_000;

type Poll = "works" | "fails" | "missing";

export type EngineStatus = Readonly<Record<string, unknown>>;

export interface StatusWatchOptions {
  readonly client: InstanceClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onStatus: (status: EngineStatus) => void;
  /** `null` = an engine that does not answer is left as it is. */
  readonly liveness: Liveness | null;
  /** Whether a signal has stopped the process. */
  readonly isStopped: () => boolean;
  /** After each look, with or without an answer. */
  readonly onBeat: () => void;
  readonly onNotice: (title: string, detail: string) => void;
}

/** Runs until `signal` fires, or until it is sure that the engine hangs. */
export async function watchStatus(options: StatusWatchOptions): Promise<"over" | "hung"> {
  const { clock, signal, liveness } = options;
  let poll: Poll = "works";
  let isStopped = false;
  for (
    let next = clock.now() + BEAT_MS;
    !signal.aborted;
    next = Math.max(next + BEAT_MS, clock.now())
  ) {
    await sleep(clock, next - clock.now(), signal);
    if (signal.aborted) return "over";
    if (poll !== "missing") poll = await pollOnce(options, poll);
    if (signal.aborted) return "over";
    isStopped = poll !== "works" && tellStopped(options, isStopped);
    // Also of one that answers so far: it is its health that says whether it can serve.
    const outcome = await liveness?.check();
    if (signal.aborted) return "over";
    if (outcome === "hung") return "hung";
    options.onBeat();
  }
  return "over";
}

/** Tells once of a process that a signal has stopped; gives whether it is. */
function tellStopped({ isStopped, liveness, onNotice }: StatusWatchOptions, before: boolean) {
  const isNow = isStopped();
  if (isNow && !before) {
    const next = liveness === null
      ? "It answers again once it gets SIGCONT or is restarted."
      : "It is restarted unless it gets SIGCONT soon.";
    onNotice("Engine is stopped", `A signal (SIGSTOP) has stopped its process. ${next}`);
  }
  return isNow;
}

async function pollOnce(
  options: StatusWatchOptions,
  before: "works" | "fails",
): Promise<Poll> {
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
