/**
 * The supervisor as the commands see it: requests over its control socket, of JSON or of a stream.
 *
 * @module
 */
import { ConnectError, ProtocolError, TimeoutError } from "../core/mod.ts";
import { answerOpener, type ClientRequest, type Field, type InstancePool } from "../pool/mod.ts";
import { parseJson } from "./event_source.ts";

export interface ControlRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Origin form, e.g. `/api/engines`. */
  readonly target: string;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** @default application/json */
  readonly accept?: string;
}

export interface ControlOptions {
  readonly signal?: AbortSignal;
  /** For the whole exchange; of a stream, for its head. @default 10_000 */
  readonly limitMs?: number;
}

export interface StreamOptions extends ControlOptions {
  /** The longest silence. */
  readonly idleMs: number;
}

export interface ControlAnswer {
  readonly status: number;
  /** The body as text. */
  readonly text: string;
  /** The body parsed; `undefined` when it is not JSON. */
  readonly json: unknown;
}

/** An answer that comes piece by piece, or as a whole because it is something else. */
export type ControlStream =
  | { readonly kind: "stream"; readonly body: AsyncIterable<Uint8Array> }
  | { readonly kind: "whole"; readonly answer: ControlAnswer };

export interface ControlClient {
  /** The path of the socket. */
  readonly path: string;
  /**
   * One exchange. Throws `ConnectError` (`unreachable`) when there is no proper answer, whatever
   * the reason, or `signal.reason`.
   */
  request(request: ControlRequest, options?: ControlOptions): Promise<ControlAnswer>;
  /** Asks for a stream of events. Throws as `request` does, and so does reading its body. */
  stream(request: ControlRequest, options: StreamOptions): Promise<ControlStream>;
  close(): void;
}

/** A {@linkcode ControlClient} on a client of the control socket at `path`. */
export class SocketControlClient implements ControlClient {
  readonly path: string;
  readonly #pool: InstancePool;

  constructor(pool: InstancePool, path: string) {
    this.#pool = pool;
    this.path = path;
  }

  async request(request: ControlRequest, options: ControlOptions = {}): Promise<ControlAnswer> {
    const { limitMs = 10_000, signal } = options;
    try {
      const answer = await this.#pool.request(toClientRequest(request), {
        headMs: limitMs,
        bodyIdleMs: limitMs,
        totalMs: limitMs,
        fresh: true,
        ...(signal === undefined ? {} : { signal }),
      });
      return toControlAnswer(answer.status, new TextDecoder().decode(answer.body));
    } catch (error) {
      throw this.#translate(error);
    }
  }

  async stream(request: ControlRequest, options: StreamOptions): Promise<ControlStream> {
    const { limitMs = 10_000, idleMs, signal } = options;
    const { openAnswer } = await answerOpener();
    try {
      const answer = await openAnswer(
        this.#pool,
        toClientRequest({ accept: "text/event-stream", ...request }),
        { headMs: limitMs, bodyIdleMs: idleMs, ...(signal === undefined ? {} : { signal }) },
      );
      const { status, fields } = answer;
      const type = fields.find(([name]) => name === "content-type")?.[1] ?? "";
      if (status === 200 && type.startsWith("text/event-stream")) {
        return { kind: "stream", body: this.#translated(answer.body) };
      }
      return { kind: "whole", answer: toControlAnswer(status, await textOf(answer.body)) };
    } catch (error) {
      throw this.#translate(error);
    }
  }

  close(): void {
    this.#pool.close();
  }

  async *#translated(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #translate(error: unknown): unknown {
    const { path } = this;
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

function toClientRequest(
  { method, target, body, accept = "application/json" }: ControlRequest,
): ClientRequest {
  const fields: readonly Field[] = [["accept", accept]];
  if (body === undefined) return { method, target, fields };
  return {
    method,
    target,
    fields: [...fields, ["content-type", "application/json"]],
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}

function toControlAnswer(status: number, text: string): ControlAnswer {
  return { status, text, json: parseJson(text) };
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
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
