/**
 * A client for the functions of an AI engine, over the control API: copy this file, it needs nothing but
 * `fetch`. For Deno, Node, Bun and browsers.
 *
 * ```ts ignore
 * import { EngineClient } from "./ai_engine.ts";
 *
 * type Functions = {
 *   cosine(argument: { a: number[]; b: number[] }): number;
 *   echo(argument: Uint8Array): Uint8Array;
 * };
 * const engine = new EngineClient<Functions>({ engine: "python" });
 * const alike = await engine.call("cosine", { a: [1, 0], b: [1, 1] }); // a number
 * ```
 *
 * @module
 */

/**
 * What an engine has: for each function its argument and its result, either of them raw bytes or what
 * JSON can say. What the engine really has is its own matter.
 */
// deno-lint-ignore no-explicit-any -- the only type that takes functions of any argument
export type EngineFunctions<F> = { readonly [Name in keyof F]: (argument: any) => unknown };

export interface EngineClientOptions {
  /** The engine's name. */
  readonly engine: string;
  /** Where the supervisor is. @default "http://127.0.0.1:7411" */
  readonly url?: string;
  /** An admin's, where the supervisor wants one. @default none */
  readonly token?: string;
  /** Instead of the usual one, e.g. to go over the control socket. @default fetch */
  readonly fetch?: (request: Request) => Promise<Response>;
}

export interface CallOptions {
  /** Takes the call back: the engine is told. */
  readonly signal?: AbortSignal;
  /** From the engine's readiness to the result, in milliseconds. @default the engine's own limit */
  readonly timeoutMs?: number;
}

/** Why a call gave no result; what is said comes from the supervisor. */
export class EngineCallError extends Error {
  override readonly name = "EngineCallError";
  /** What went wrong, e.g. `call_failed`, `not_found`, `bad_input`, `upstream_timeout`. */
  readonly code: string;
  readonly status: number;
  /** What to do next. */
  readonly remedy: string;
  /** What the function itself raised; `null` when it did not come to that. */
  readonly raised: Raised | null;

  constructor(status: number, { detail, code, remedy, raised }: Partial<Problem>) {
    super(detail ?? `The answer was ${status}.`);
    this.status = status;
    this.code = code ?? "unknown";
    this.remedy = remedy ?? "";
    this.raised = raised ?? null;
  }
}

/** What a function raised; `type` is `null` where its engine does not say it. */
export interface Raised {
  readonly type: string | null;
  readonly message: string;
}

const RAW = "application/octet-stream";

export class EngineClient<F extends EngineFunctions<F>> {
  readonly #options: EngineClientOptions;

  constructor(options: EngineClientOptions) {
    this.#options = options;
  }

  /**
   * Calls a function; an engine that is stopped is started first.
   *
   * @throws {EngineCallError} when there is no result
   */
  async call<Name extends keyof F & string>(
    name: Name,
    argument: Parameters<F[Name]>[0],
    options: CallOptions = {},
  ): Promise<Awaited<ReturnType<F[Name]>>> {
    const { fetch: ask = (request: Request) => fetch(request) } = this.#options;
    const response = await ask(this.#newRequest(name, argument, options));
    if (!response.ok) throw await toError(response);
    const isRaw = response.headers.get("content-type") === RAW;
    const result: unknown = isRaw
      ? new Uint8Array(await response.arrayBuffer())
      : await response.json();
    return result as Awaited<ReturnType<F[Name]>>;
  }

  #newRequest(name: string, argument: unknown, { signal, timeoutMs }: CallOptions): Request {
    const { engine, token, url = "http://127.0.0.1:7411" } = this.#options;
    const path = `/api/engines/${encodeURIComponent(engine)}/call/${encodeURIComponent(name)}`;
    const target = new URL(path, url);
    if (timeoutMs !== undefined) target.searchParams.set("timeoutMs", String(timeoutMs));
    const isRaw = argument instanceof Uint8Array;
    return new Request(target, {
      method: "POST",
      headers: {
        "content-type": isRaw ? RAW : "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: isRaw ? new Uint8Array(argument) : JSON.stringify(argument ?? null),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

/** What the supervisor says; of an answer that is not its own there is only the status. */
async function toError(response: Response): Promise<EngineCallError> {
  const text = await response.text();
  try {
    return new EngineCallError(response.status, JSON.parse(text) ?? {});
  } catch {
    return new EngineCallError(response.status, {});
  }
}

/** What is used of an `application/problem+json` of a supervisor's. */
interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
  readonly raised: Raised;
}
