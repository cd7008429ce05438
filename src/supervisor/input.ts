/** An input on its way: the engine is started if need be, asked, and its answer told to all. */
import {
  type Clock,
  ConnectError,
  type RequestRecord,
  TimeoutError,
  toAiEngineError,
} from "../core/mod.ts";
import type { EventSink, PythonInputEvent } from "../events/mod.ts";
import type { AnswerHead, ClientResponse } from "../pool/mod.ts";
import { isMissingFeature, parseJsonObject } from "./engine_answers.ts";
import type { Engine } from "./engine.ts";
import { recorded, traceFields } from "./recorded.ts";
import type { EngineLease, InputAnswer, InputOptions } from "./supervisor_types.ts";

/** How much of each text an event carries, in bytes of UTF-8. */
export const EVENT_TEXT_BYTES = 4_096;

/** The type of an answer that is nothing but what a person reads. */
const PLAIN_TEXT = /^text\/plain *(;|$)/i;

export interface SendInputOptions extends InputOptions {
  readonly clock: Clock;
  readonly events: EventSink;
}

export function sendInput(
  engine: Engine,
  text: string,
  options: SendInputOptions,
): Promise<InputAnswer> {
  const { record, signal } = options;
  return recorded({ record, way: "input", engine: engine.name, signal }, (signal) => {
    return send(engine, text, { ...options, signal });
  });
}

async function send(
  engine: Engine,
  text: string,
  options: Omit<SendInputOptions, "signal"> & { readonly signal: AbortSignal | undefined },
): Promise<InputAnswer> {
  const { signal, priority, keepAliveMs, record } = options;
  const onPlace = placeTeller(engine, options);
  const { inputMs } = engine.settings.limits;
  record?.waits();
  const wish = { signal, patienceMs: inputMs, priority, onPlace, record };
  const lease = await engine.lease("input", wish);
  record?.sends();
  if (keepAliveMs !== undefined) lease.keepAlive(keepAliveMs);
  try {
    const refusal = lease.noInput;
    if (refusal !== undefined) return refusal;
    options.onPhase?.("answering");
    const begun = options.clock.now();
    const { onText } = options;
    const response = await exchange(lease, { text, signal, inputMs, onText, record });
    const answer = toAnswer(response, options.clock.now() - begun);
    if (isMissingFeature(answer.status)) lease.turnInputOff(answer);
    if (answer.status === 200) {
      options.events.publish(toEvent(engine.name, text, { answer, clock: options.clock, record }));
    }
    return answer;
  } finally {
    lease.release();
  }
}

/** Tells where in the line the input is, and what for, when that has changed. */
function placeTeller(
  engine: Engine,
  { onPhase }: Pick<InputOptions, "onPhase">,
): ((position: number) => void) | undefined {
  if (onPhase === undefined) return undefined;
  let told = "";
  return (position) => {
    const { state } = engine.view();
    const phase = state === "starting" || state === "backoff" ? "starting" : "queued";
    if (told === `${phase} ${position}`) return;
    told = `${phase} ${position}`;
    onPhase(phase, position);
  };
}

async function exchange(
  lease: EngineLease,
  { text, signal, inputMs, onText, record }: {
    readonly text: string;
    readonly signal: AbortSignal | undefined;
    readonly onText: InputOptions["onText"];
    /** The whole of an input, from the engine's readiness on. */
    readonly inputMs: number;
    readonly record: RequestRecord | undefined;
  },
): Promise<ClientResponse> {
  try {
    const body = new TextEncoder().encode(JSON.stringify({ input: text }));
    if (record !== undefined) record.bytesIn = body.length;
    const response = await lease.pool.request({
      method: "POST",
      target: "/input",
      fields: [["content-type", "application/json"], ...traceFields(record)],
      body,
    }, {
      totalMs: inputMs,
      onHead(head) {
        record?.answers(head.status);
        return onText && textTeller(head, onText);
      },
      ...(signal === undefined ? {} : { signal }),
    });
    if (record !== undefined) record.bytesOut = response.body.length;
    // The connections of a process that dies end as tidily as those of one that has said all.
    if (response.endsUnsaid === true && await lease.hasCrashed()) throw diedAnswering();
    return response;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const broke = toAiEngineError(error);
    lease.failed("local");
    throw broke instanceof TimeoutError ? broke : await lease.explainBreak(broke);
  }
}

/** Who is told of the body's pieces; nobody where they are no text to read. */
function textTeller(
  { status, fields }: AnswerHead,
  onText: (text: string) => void,
): ((piece: Uint8Array) => void) | undefined {
  const type = fields.find(([name]) => name === "content-type")?.[1] ?? "";
  if (status < 200 || status > 299 || !PLAIN_TEXT.test(type)) return undefined;
  const decoder = new TextDecoder();
  return (piece) => {
    const text = decoder.decode(piece, { stream: true });
    if (text !== "") onText(text);
  };
}

function diedAnswering(): ConnectError {
  return new ConnectError("upstream_failed", "after_send", {
    detail: "The engine's process died, with which its answer ended.",
    remedy: "Read the engine's last output lines; send the input again.",
  });
}

function toAnswer(response: ClientResponse, tookMs: number): InputAnswer {
  const contentType = response.fields.find(([name]) => name === "content-type")?.[1];
  return {
    status: response.status,
    body: response.body,
    contentType: contentType ?? "application/json",
    json: parseJsonObject(response.body) ?? {},
    tookMs,
  };
}

function toEvent(
  engine: string,
  text: string,
  { answer, clock, record }: {
    readonly answer: InputAnswer;
    readonly clock: Clock;
    readonly record: RequestRecord | undefined;
  },
): PythonInputEvent {
  const { count } = answer.json;
  const input = cutText(text);
  const echo = cutText(saidIn(answer));
  const cut: ("input" | "message")[] = [];
  if (input.isCut) cut.push("input");
  if (echo.isCut) cut.push("message");
  return {
    type: "python_input",
    engine,
    input: input.text,
    message: echo.text,
    cut,
    count: typeof count === "number" ? count : null,
    at: new Date(clock.wall()).toISOString(),
    tookMs: Math.round(answer.tookMs * 100) / 100,
    ...(record === undefined ? {} : { requestId: record.id, traceId: record.traceId }),
  };
}

/** What an answer says to a person; empty where it does not say it. */
function saidIn({ json: { message }, contentType, body }: InputAnswer): string {
  if (typeof message === "string") return message;
  if (!PLAIN_TEXT.test(contentType)) return "";
  // One byte more than is told: it says that there is more.
  return new TextDecoder().decode(body.subarray(0, EVENT_TEXT_BYTES + 1));
}

/** The first bytes of `text`, cut between two characters. */
function cutText(text: string): { readonly text: string; readonly isCut: boolean } {
  const buffer = new Uint8Array(EVENT_TEXT_BYTES);
  const { read, written } = new TextEncoder().encodeInto(text, buffer);
  if (read === text.length) return { text, isCut: false };
  return { text: new TextDecoder().decode(buffer.subarray(0, written)), isCut: true };
}
