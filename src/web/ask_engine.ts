/** A request of ours to a path of an engine, for pages without a script: as the browser's would be. */
import { TimeoutError, toAiEngineError } from "../core/mod.ts";
import type { EngineLease, SupervisorApi } from "../supervisor/mod.ts";

/** An engine's whole answer. */
export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

export interface AskOptions {
  readonly path: string;
  readonly body: unknown;
  readonly signal: AbortSignal;
  /** The engine is ready and is asked now. */
  readonly onSent: () => void;
  /** A piece of an answer that is one of events. */
  readonly onPiece?: (text: string) => void;
}

/** Posts JSON, the engine started first if need be. Throws what refuses a request, and what breaks it off. */
export async function askEngine(
  supervisor: SupervisorApi,
  engine: string,
  options: AskOptions,
): Promise<EngineAnswer> {
  const { signal } = options;
  const lease = await supervisor.lease(engine, { signal });
  try {
    options.onSent();
    const { status, body } = await exchange(lease, options);
    return { status, text: new TextDecoder().decode(body) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const broke = toAiEngineError(error);
    lease.failed("local");
    throw broke instanceof TimeoutError ? broke : await lease.explainBreak(broke);
  } finally {
    lease.release();
  }
}

function exchange(lease: EngineLease, { path, body, signal, onPiece }: AskOptions) {
  return lease.pool.request({
    method: "POST",
    target: path,
    fields: [["content-type", "application/json"]],
    body: new TextEncoder().encode(JSON.stringify(body)),
  }, {
    signal,
    onHead: ({ status, fields }) => {
      const type = fields.find(([name]) => name === "content-type")?.[1] ?? "";
      if (status !== 200 || !type.startsWith("text/event-stream")) return undefined;
      const decoder = new TextDecoder();
      return (piece) => onPiece?.(decoder.decode(piece, { stream: true }));
    },
  });
}
