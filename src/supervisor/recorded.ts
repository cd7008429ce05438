import {
  cancelledByHand,
  type RequestRecord,
  type RequestWay,
  toAiEngineError,
} from "../core/mod.ts";

export interface RecordedOptions {
  readonly record: RequestRecord | undefined;
  readonly way: RequestWay;
  readonly engine: string;
  /** The caller left. */
  readonly signal: AbortSignal | undefined;
}

/** Does `work` as the request that `record` tells of, which can be cancelled from there. */
export async function recorded<T>(
  { record, way, engine, signal }: RecordedOptions,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (record === undefined) return await work(signal);
  const byHand = new AbortController();
  record.begin(way, engine);
  record.canceller = { cancel: () => byHand.abort(cancelledByHand(engine)) };
  const signals = signal === undefined ? [] : [signal];
  try {
    const done = await work(AbortSignal.any([...signals, byHand.signal]));
    record.end("answered");
    return done;
  } catch (error) {
    if (signal?.aborted === true) record.end("left");
    else record.refuse(toAiEngineError(error));
    throw error;
  }
}

/** How an engine is told which request it is. */
export function traceFields(record: RequestRecord | undefined): (readonly [string, string])[] {
  if (record === undefined) return [];
  const { traceparent, traceState, id } = record;
  const state = traceState === null ? [] : [["tracestate", traceState] as const];
  return [["traceparent", traceparent], ...state, ["x-request-id", id]];
}
