/** What an engine says of itself and of a call that failed: small JSON objects. */
import { broken, PROTOCOL, VERSION } from "./wire.ts";

/** What an engine says first. */
export interface Hello {
  /** Calls that it takes at once, at least 1. */
  readonly maxCalls: number;
}

/** Why a call failed, in the engine's words. */
export interface EngineFailure {
  /** One of those in docs/frames.md, or another, which means as much as `failed`. */
  readonly code: string;
  readonly message: string;
  /** What kind of error it was, e.g. `ValueError`. */
  readonly type: string | null;
  /** The functions there are, where the one that was called is not among them. */
  readonly functions: readonly string[];
}

/** Throws `ProtocolError` unless it is a hello of this version. */
export function parseHello(body: Uint8Array): Hello {
  const { protocol, version, maxCalls } = parseObject(body, "hello");
  if (protocol !== PROTOCOL) throw broken("FRAME_HELLO", "Its hello names another protocol.");
  if (version !== VERSION) {
    throw broken("FRAME_HELLO", `Its hello names a version that is not ${VERSION}.`);
  }
  if (typeof maxCalls !== "number" || !Number.isSafeInteger(maxCalls) || maxCalls < 1) {
    throw broken("FRAME_HELLO", "Its hello has no number of calls, 1 or more, as maxCalls.");
  }
  return { maxCalls };
}

/** Throws `ProtocolError` unless it has a code and a message. */
export function parseFailure(body: Uint8Array): EngineFailure {
  const { code, message, type, functions } = parseObject(body, "error");
  if (typeof code !== "string" || typeof message !== "string") {
    throw broken("FRAME_JSON", "It sent an error without a code or without a message.");
  }
  const names = Array.isArray(functions) ? functions : [];
  return {
    code,
    message,
    type: typeof type === "string" ? type : null,
    functions: names.filter((name): name is string => typeof name === "string"),
  };
}

function parseObject(body: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw broken("FRAME_JSON", `It sent a ${what} that is not JSON in UTF-8.`);
  }
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw broken("FRAME_JSON", `It sent a ${what} that is no JSON object.`);
}
