/** The app: the engine protocol as one function from request to answer, without a server. */
import { errorAnswer, jsonAnswer } from "./answers.ts";
import { readBody, type ReadBodyOptions } from "./body.ts";

/** What the app needs from outside. */
export interface AppDeps {
  /** Asks the server to end; returns at once. */
  requestStop(): void;
  /** Milliseconds that never go back. */
  now(): number;
  /** Milliseconds since 1970, UTC. */
  wall(): number;
  /** The work: makes the message for an input. @default echoes it */
  reply?(text: string): Promise<string>;
  readonly body?: ReadBodyOptions;
}

export interface App {
  /** Answers one request. Rejects only when `reply` does. */
  handle(request: Request): Promise<Response>;
  /** Inputs answered since start. */
  readonly answered: number;
}

interface Route {
  readonly method: "GET" | "POST";
  readonly handler: (body: Uint8Array<ArrayBuffer>) => Response | Promise<Response>;
}

/** Makes an app; nothing is shared between two of them. Its up time counts from here. */
export function createApp(deps: AppDeps): App {
  return new EngineApp(deps);
}

class EngineApp implements App {
  readonly #deps: AppDeps;
  readonly #startedAt: number;
  readonly #routes: ReadonlyMap<string, Route>;
  #answered = 0;
  #working = 0;

  constructor(deps: AppDeps) {
    this.#deps = deps;
    this.#startedAt = deps.now();
    this.#routes = new Map<string, Route>([
      ["/health", { method: "GET", handler: () => jsonAnswer({ status: "ok" }) }],
      ["/status", { method: "GET", handler: () => this.#status() }],
      ["/input", { method: "POST", handler: (body) => this.#input(body) }],
      ["/stop", { method: "POST", handler: () => this.#stop() }],
    ]);
  }

  get answered(): number {
    return this.#answered;
  }

  async handle(request: Request): Promise<Response> {
    const body = await readBody(request, this.#deps.body);
    if (body.kind === "gone") return errorAnswer(400, "The body ended too early.");
    if (body.kind === "too_large") {
      return errorAnswer(413, "The body is too large.", { connection: "close" });
    }
    const path = pathOf(request.url);
    const route = this.#routes.get(path);
    if (route === undefined) return errorAnswer(404, `Nothing is served at ${path}.`);
    const method = request.method === "HEAD" ? "GET" : request.method;
    if (method === route.method) return await route.handler(body.bytes);
    const allow = route.method === "GET" ? "GET, HEAD" : "POST";
    return errorAnswer(405, `${request.method} is not allowed here; allowed: ${allow}.`, { allow });
  }

  #status(): Response {
    return jsonAnswer({
      status: "running",
      count: this.#answered,
      uptime: (this.#deps.now() - this.#startedAt) / 1_000,
      busy: this.#working > 0,
      models: [],
      timestamp: this.#deps.wall() / 1_000,
    });
  }

  async #input(body: Uint8Array<ArrayBuffer>): Promise<Response> {
    const input = parseInput(body);
    if (input.kind === "wrong") return errorAnswer(input.status, input.message);
    const { reply = echo } = this.#deps;
    this.#working++;
    try {
      const message = await reply(input.text);
      const count = ++this.#answered;
      return jsonAnswer({
        input: input.text,
        message,
        count,
        timestamp: this.#deps.wall() / 1_000,
      });
    } finally {
      this.#working--;
    }
  }

  #stop(): Response {
    this.#deps.requestStop();
    return jsonAnswer({ status: "stopping" }, { headers: { connection: "close" } });
  }
}

type Input =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "wrong"; readonly status: 400 | 422; readonly message: string };

function parseInput(body: Uint8Array<ArrayBuffer>): Input {
  if (body.length === 0) {
    return { kind: "wrong", status: 422, message: 'The body is empty; send {"input": "…"}.' };
  }
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return { kind: "wrong", status: 400, message: "The body is not JSON." };
  }
  if (typeof document === "object" && document !== null && "input" in document) {
    if (typeof document.input === "string") return { kind: "text", text: document.input };
  }
  return { kind: "wrong", status: 422, message: 'The body has no string "input".' };
}

/** The path as it came. `new URL` would throw on what some Host headers make of the URL. */
function pathOf(url: string): string {
  return /^[^:/]*:\/\/[^/]*([^?#]*)/.exec(url)?.[1] ?? "";
}

function echo(text: string): Promise<string> {
  return Promise.resolve(`You said: ${text}`);
}
