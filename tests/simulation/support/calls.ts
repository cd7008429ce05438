/** What somebody asked of the house, and what came of it. */
import { AiEngineError } from "../../../src/core/mod.ts";

export type CallKind = "start" | "stop" | "restart" | "input" | "lease" | "request";

export interface Call {
  readonly kind: CallKind;
  readonly engine: string;
  /** What it is about, in a word that no other call has. */
  readonly id: string;
  readonly at: number;
  /** The engine's newest process at that time. */
  readonly generation: number;
  /** Whether a user may have held the engine stopped then. */
  readonly metHold: boolean;
  readonly abort: AbortController;
  /** The process that works on it; `null` = it is held, or was never served. */
  servedBy: number | null;
  /** `ok`, a code of ours, the name of another error; `undefined` = it is open. */
  outcome: string | undefined;
}

/** What a promise that was rejected with `error` came to. */
export function nameOf(error: unknown): string {
  if (error instanceof AiEngineError) return error.code;
  return error instanceof Error ? error.name : String(error);
}
