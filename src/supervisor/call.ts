/**
 * A direct call on its way: the engine is started if need be, and its function called. Loaded with the
 * first call, as most programs make none.
 *
 * @module
 */
import {
  AdmissionError,
  ConnectError,
  ProtocolError,
  RequestError,
  TimeoutError,
  toAiEngineError,
} from "../core/mod.ts";
import {
  type Call,
  FrameChannel,
  isFunctionName,
  MAX_PAYLOAD_BYTES,
  offersNoCalls,
  type Payload,
} from "../frames/mod.ts";
import type { Engine } from "./engine.ts";
import type { InstanceLease } from "./instance_lease.ts";
import { recorded } from "./recorded.ts";
import type { CallOptions } from "./supervisor_types.ts";

export interface SendCallOptions extends CallOptions {
  /** Told when as many calls wait for the process as may. */
  readonly onRefused: () => void;
}

export function sendCall(
  engine: Engine,
  call: Call,
  options: SendCallOptions,
): Promise<Payload> {
  const { record, signal } = options;
  return recorded({ record, way: "call", engine: engine.name, signal }, (signal) => {
    return send(engine, call, { ...options, signal });
  });
}

async function send(
  engine: Engine,
  call: Call,
  { signal, timeoutMs, priority, keepAliveMs, onRefused, record }:
    & Omit<SendCallOptions, "signal">
    & { readonly signal: AbortSignal | undefined },
): Promise<Payload> {
  check(call, engine.name);
  const { inputMs } = engine.settings.limits;
  record?.waits();
  const lease = await engine.lease("input", { signal, patienceMs: inputMs, priority, record });
  record?.sends();
  if (keepAliveMs !== undefined) lease.keepAlive(keepAliveMs);
  try {
    const channel = lease.calls?.channel((options) => new FrameChannel(options));
    if (channel === undefined || channel === null) throw offersNoCalls(engine.name);
    const totalMs = Math.min(timeoutMs ?? inputMs, inputMs);
    if (record !== undefined) record.bytesIn = call.argument.bytes.length;
    const result = await channel.call(call, { signal, totalMs });
    if (record !== undefined) record.bytesOut = result.bytes.length;
    record?.answers(200);
    return result;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof AdmissionError) onRefused();
    throw await explain(error, { lease, isPatient: timeoutMs === undefined });
  } finally {
    lease.release();
  }
}

/** Before an engine is started for it. */
function check({ name, argument }: Call, engine: string): void {
  if (!isFunctionName(name)) {
    throw new RequestError("not_found", {
      engine,
      detail: "The path holds something that can't be the name of a function.",
      remedy: "A name has letters, digits, _ and ., and begins with a letter or _.",
    });
  }
  if (argument.bytes.length > MAX_PAYLOAD_BYTES) {
    throw new RequestError("too_large", {
      engine,
      detail: `The argument is larger than ${MAX_PAYLOAD_BYTES} bytes.`,
      remedy: "Send less, or send it under /upstream, where there is no such limit.",
    });
  }
}

/** What the engine says of the call is nobody's failure but the function's. */
async function explain(
  error: unknown,
  { lease, isPatient }: {
    readonly lease: InstanceLease;
    /** Whether the call had all the time that there is. */
    readonly isPatient: boolean;
  },
): Promise<unknown> {
  const broke = toAiEngineError(error);
  if (broke instanceof TimeoutError && isPatient) lease.failed("local");
  // A process that dies takes its socket with it.
  const isGone = broke.code === "not_found" && await lease.hasCrashed();
  if (!isGone && !(broke instanceof ConnectError || broke instanceof ProtocolError)) return broke;
  lease.failed("local");
  return await lease.explainBreak(broke);
}
