/**
 * The supervisor as the commands see it: JSON requests over its control socket.
 *
 * @module
 */
import { ConnectError, ProtocolError, TimeoutError } from "../core/mod.ts";
import type { InstanceClient } from "../pool/mod.ts";

export interface ControlRequest {
  readonly method: "GET" | "POST";
  /** Origin form, e.g. `/api/engines`. */
  readonly target: string;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface ControlOptions {
  readonly signal?: AbortSignal;
  /** For the whole exchange. @default 10_000 */
  readonly limitMs?: number;
}

export interface ControlAnswer {
  readonly status: number;
  /** The body as text. */
  readonly text: string;
  /** The body parsed; `undefined` when it is not JSON. */
  readonly json: unknown;
}

export interface ControlClient {
  /**
   * One exchange. Throws `ConnectError` (`unreachable`) when there is no proper answer, whatever
   * the reason, or `signal.reason`.
   */
  request(request: ControlRequest, options?: ControlOptions): Promise<ControlAnswer>;
  close(): void;
}

/** A {@linkcode ControlClient} on a client of the control socket at `path`. */
export class SocketControlClient implements ControlClient {
  readonly #client: InstanceClient;
  readonly #path: string;

  constructor(client: InstanceClient, path: string) {
    this.#client = client;
    this.#path = path;
  }

  async request(request: ControlRequest, options: ControlOptions = {}): Promise<ControlAnswer> {
    const { limitMs = 10_000, signal } = options;
    const accept = ["accept", "application/json"] as const;
    const { method, target } = request;
    const body = request.body === undefined ? { fields: [accept] } : {
      fields: [accept, ["content-type", "application/json"] as const],
      body: new TextEncoder().encode(JSON.stringify(request.body)),
    };
    try {
      const answer = await this.#client.request({ method, target, ...body }, {
        headMs: limitMs,
        bodyIdleMs: limitMs,
        totalMs: limitMs,
        fresh: true,
        ...(signal === undefined ? {} : { signal }),
      });
      const text = new TextDecoder().decode(answer.body);
      return { status: answer.status, text, json: parseJson(text) };
    } catch (error) {
      throw this.#translate(error);
    }
  }

  close(): void {
    this.#client.close();
  }

  #translate(error: unknown): unknown {
    const path = this.#path;
    if (error instanceof ConnectError && error.stage === "before_send") {
      return unreachable(error, {
        detail: `No supervisor listens on ${path}.`,
        remedy: "Start it with `ai-engine serve`, or name its control socket with --control.",
      });
    }
    if (error instanceof ConnectError) {
      return unreachable(error, {
        detail: `The supervisor on ${path} broke off before it answered.`,
        remedy: "See whether it still runs with `ai-engine status`; its own output says why.",
      });
    }
    if (error instanceof TimeoutError) {
      return unreachable(error, {
        detail: `The supervisor on ${path} did not answer in time: ${error.message}`,
        remedy: "See whether it still runs with `ai-engine status`.",
      });
    }
    if (error instanceof ProtocolError) return notOurs(path, error);
    return error;
  }
}

/** For an answer on the control socket at hand that no supervisor of ours would give. */
export function notOurs(where: string, cause?: unknown): ConnectError {
  const why = cause instanceof Error ? `: ${cause.message}` : ".";
  return unreachable(cause, {
    detail: `What answers on ${where} does not speak as AI Engine does${why}`,
    remedy: "Name the control socket of the supervisor with --control.",
  });
}

function unreachable(cause: unknown, words: { detail: string; remedy: string }): ConnectError {
  const stage = cause instanceof ConnectError ? cause.stage : "after_send";
  return new ConnectError("unreachable", stage, { ...words, cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
