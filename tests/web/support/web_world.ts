/** The whole web room on a supervisor without processes and a clock that stands still. */
import type { Listener, Tokens } from "../../../src/access/mod.ts";
import {
  type ConfigView,
  type ModelEngine,
  ModelTable,
  type ReloadReport,
} from "../../../src/config/mod.ts";
import { EventBus } from "../../../src/events/mod.ts";
import type { LogBook } from "../../../src/observe/mod.ts";
import { createWeb, type Problem, type WebDeps } from "../../../src/web/mod.ts";
import type { RequestRecords } from "../../../src/gateway/mod.ts";
import type { RequestBook } from "../../../src/observe/mod.ts";
import { newRecords, toReceived } from "../../support/request_records.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeSupervisor } from "../../support/fake_supervisor.ts";
import { newFigures } from "../../support/figures.ts";
import { newLogBook } from "../../support/new_log_book.ts";

export const HOST = "127.0.0.1:7411";
export const TCP: Listener = { kind: "tcp", hostname: "127.0.0.1", port: 7411 };
export const CONTROL: Listener = { kind: "control" };

export interface AskOptions extends RequestInit {
  /** @default TCP */
  readonly listener?: Listener;
  /** @default a signal that never fires */
  readonly left?: AbortSignal;
}

export interface WebWorldOptions {
  /** Of the bus. */
  readonly mailboxSize?: number;
  /** @default none */
  readonly tokens?: Tokens | null;
  /** Which engine serves what. @default each engine one model, called as it is */
  readonly models?: readonly ModelEngine[];
}

function serving(name: string): ModelEngine {
  return { name, models: [] };
}

export class WebWorld {
  /** What takes a profile of the program. */
  takeProfile: WebDeps["profile"] = (ms) => Promise.resolve(`{"took":${ms}}`);
  readonly #profile: WebDeps["profile"] = (ms, signal) => this.takeProfile(ms, signal);
  readonly clock = new FakeClock();
  readonly events: EventBus;
  readonly supervisor: FakeSupervisor;
  /** What `close` was called with. */
  readonly closes: boolean[] = [];
  /** Connections that were to be cut off. */
  cuts = 0;
  readonly figures = newFigures();
  readonly logs: LogBook;
  /** What the program goes by. */
  config: ConfigView = { path: null, settings: [], later: [] };
  /** What comes of a reload. */
  reload: () => Promise<ReloadReport> = () =>
    Promise.reject(new TypeError("no reload was expected"));
  readonly requests: RequestBook;
  readonly records: RequestRecords;
  readonly #web;

  constructor(engines: readonly string[] = ["echo"], options: WebWorldOptions = {}) {
    const { tokens = null, models = engines.map(serving), ...bus } = options;
    this.events = new EventBus({ boot: "b0", ...bus });
    const { clock, events } = this;
    this.logs = newLogBook(clock);
    ({ book: this.requests, records: this.records } = newRecords(clock));
    this.supervisor = new FakeSupervisor({ clock, events, engines });
    this.#web = createWeb({
      supervisor: this.supervisor,
      events,
      clock,
      random: { hex: (bytes) => "7f".repeat(bytes), fraction: () => 0.5 },
      tokens,
      models: new ModelTable(models, { defaultModel: null }),
      modelsDir: "/home/me/.local/share/ai-engine/models",
      urls: ["http://127.0.0.1:7411"],
      version: "0.1.0",
      requests: this.requests,
      profile: this.#profile,
      close: (force) => this.closes.push(force),
      bounds: () => this.events.bounds(),
      figures: this.figures,
      logs: this.logs,
      config: () => Promise.resolve(this.config),
      reload: () => this.reload(),
    });
  }

  /** Sends a request as curl would: to our host, from nowhere in particular. */
  ask(path: string, { listener = TCP, left, ...init }: AskOptions = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("host")) headers.set("host", HOST);
    const request = new Request(`http://${headers.get("host")}${path}`, { ...init, headers });
    return this.handle(request, listener, left);
  }

  /** Sends a request made by hand. */
  handle(request: Request, listener = TCP, left?: AbortSignal): Promise<Response> {
    const signal = left ?? new AbortController().signal;
    const record = this.records.of(toReceived(request));
    const cut = () => this.cuts++;
    return this.#web.handle(request, { listener, signal, record, cut });
  }

  post(path: string, init: AskOptions = {}): Promise<Response> {
    return this.ask(path, { method: "POST", ...init });
  }

  /** Sends `{"input": text}`. */
  input(text: unknown, init: AskOptions = {}): Promise<Response> {
    const body = JSON.stringify({ input: text });
    return this.post("/api/engines/echo/input", { body, ...init });
  }
}

/** Status and code of a problem, after a look at its form. */
export async function problemOf(response: Response): Promise<Problem> {
  const problem: Problem = await response.json();
  const told = [
    response.headers.get("content-type"),
    response.headers.get("ai-engine-error-source"),
    problem.type,
    problem.status,
    problem.source,
  ];
  const wanted = [
    "application/problem+json",
    "supervisor",
    `urn:ai-engine:error:${problem.code}`,
    response.status,
    "supervisor",
  ];
  if (JSON.stringify(told) !== JSON.stringify(wanted)) {
    throw new Error(`not a problem of ours: ${told.join(", ")}`);
  }
  return problem;
}

export async function codeOf(response: Response): Promise<string> {
  const { status, code } = await problemOf(response);
  return `${status} ${code}`;
}
