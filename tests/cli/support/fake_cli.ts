/** The command line with everything around it faked: a call gives its exit code and both outputs. */
import {
  type CliDeps,
  type ControlAnswer,
  type ControlClient,
  type ControlOptions,
  type ControlRequest,
  run,
  type TextOutput,
} from "../../../src/cli/mod.ts";
import type { SourceEvent } from "../../../src/cli/event_source.ts";
import {
  type HostFacts,
  type RequestedSettings,
  resolveSettings,
} from "../../../src/config/mod.ts";
import type { EngineView } from "../../../src/core/mod.ts";
import { fakeFiles } from "../../config/support/fake_files.ts";
import { type FakeDoctor, fakeDoctor } from "./fake_doctor.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** A machine without a Python. */
const HOST: HostFacts = {
  os: "linux",
  arch: "x86_64",
  standalone: true,
  programDir: "/opt/ai",
  pathDirs: [],
  builtinArgv: ["/opt/ai/ai-engine", "__engine"],
};

/** An answer that comes as events. */
export interface FakeStream {
  readonly events: AsyncIterable<FakeEvent> | Iterable<FakeEvent>;
}

export type FakeEvent = Omit<SourceEvent, "id"> & { readonly id?: string };

type FakeAnswer = ControlAnswer | FakeStream;

export type Answering = (
  request: ControlRequest,
  options: ControlOptions,
) => FakeAnswer | Promise<FakeAnswer>;

export interface FakeCliOptions {
  /** The supervisor; by default nothing may be asked. */
  readonly answer?: Answering;
  /** Columns when both outputs are a terminal. */
  readonly terminal?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** `never` is a terminal where nobody types. */
  readonly stdin?: Uint8Array | "never";
  /** Writes to stdout that find a reader. */
  readonly readsOfStdout?: number;
  /** Somebody may type on standard input. @default false */
  readonly typed?: boolean;
  /** What the supervisor says its version is. @default the same */
  readonly supervisorVersion?: string;
  /** Whether a browser can be opened. @default false */
  readonly opens?: boolean;
  /** Programs may be looked for; there are none but the built-in engine. */
  readonly finds?: boolean;
  readonly serve?: (requested: RequestedSettings) => Promise<number>;
  /** What `doctor` finds. @default it is not asked */
  readonly doctor?: FakeDoctor;
}

/** Keeps what is written. */
class FakeOutput implements TextOutput {
  text = "";
  constructor(readonly isTerminal: boolean, readonly columns: number, public reads = Infinity) {}

  write(text: string): Promise<boolean> {
    if (this.reads-- <= 0) return Promise.resolve(false);
    this.text += text;
    return Promise.resolve(true);
  }
}

export class FakeCli {
  readonly clock = new FakeClock();
  readonly stdout: FakeOutput;
  readonly stderr: FakeOutput;
  /** What was asked of the supervisor, e.g. `GET /api/engines`. */
  readonly asked: string[] = [];
  /** Bodies that were sent. */
  readonly bodies: unknown[] = [];
  /** Control sockets that were connected to. */
  readonly controls: (string | null)[] = [];
  /** URLs that a browser was to show. */
  readonly opened: string[] = [];
  /** Clients not closed yet. */
  open = 0;
  readonly #options: FakeCliOptions;
  readonly #interrupt = new AbortController();
  #osSignal: "SIGINT" | "SIGTERM" | null = null;
  #isShutdown = false;
  #healths = 0;

  constructor(options: FakeCliOptions = {}) {
    this.#options = options;
    const { terminal, readsOfStdout } = options;
    this.stdout = new FakeOutput(terminal !== undefined, terminal ?? 80, readsOfStdout);
    this.stderr = new FakeOutput(terminal !== undefined, terminal ?? 80);
  }

  run(...argv: string[]): Promise<number> {
    this.#isShutdown = argv.includes("shutdown");
    this.#healths = 0;
    return run(argv, this.#deps());
  }

  /** What Ctrl-C and its kin do. */
  interrupt(osSignal: "SIGINT" | "SIGTERM"): void {
    this.#osSignal = osSignal;
    this.#interrupt.abort(new DOMException("interrupted", "AbortError"));
  }

  #deps(): CliDeps {
    const { env = {}, files = {}, stdin, serve, finds, doctor } = this.#options;
    const cut = (bytes: Uint8Array | undefined, maxBytes: number) =>
      bytes === undefined
        ? Promise.reject(new Error("No such file or directory (os error 2)"))
        : Promise.resolve(bytes.subarray(0, maxBytes));
    const interrupt = this.#interrupt;
    const osSignal = () => this.#osSignal;
    return {
      stdout: this.stdout,
      stderr: this.stderr,
      env,
      cwd: "/home/ada",
      version: { version: "1.2.3", deno: "2.9.6", arch: "x86_64", os: "linux" },
      clock: this.clock,
      readFile: (path, maxBytes) => cut(files[path], maxBytes),
      readStdin: (maxBytes) => stdin === "never" ? new Promise(() => {}) : cut(stdin, maxBytes),
      stdinIsTerminal: this.#options.typed ?? false,
      openUrl: (url) => {
        this.opened.push(url);
        return Promise.resolve(this.#options.opens ?? false);
      },
      connect: (control) => {
        this.controls.push(control);
        this.open++;
        return Promise.resolve(this.#client());
      },
      catchInterrupt: () => ({
        signal: interrupt.signal,
        get osSignal() {
          return osSignal();
        },
      }),
      isRoot: false,
      isThere: (path) => Promise.resolve(files[path] !== undefined),
      readConfig: ({ path }) => Promise.resolve(files[path] ?? null),
      loadConfig: () => Promise.reject(new TypeError("no file was expected")),
      openTls: () => Promise.resolve(null),
      resolve: (requested) => {
        if (finds !== true) throw new TypeError("no programs were to be looked for");
        return resolveSettings(requested, { files: fakeFiles({}), host: HOST });
      },
      examine: () => {
        if (doctor === undefined) throw new TypeError("doctor was not expected");
        return Promise.resolve(fakeDoctor(doctor));
      },
      serve: ({ requested }) => {
        if (serve === undefined) throw new TypeError("serve was not expected");
        return serve(requested);
      },
    };
  }

  #client(): ControlClient {
    return {
      path: "/run/c.sock",
      request: async (request, options = {}) => {
        if (request.target === "/health" && this.#answersHealth) return this.#health();
        const answer = await this.#ask(request, options);
        if ("events" in answer) throw new TypeError("a stream where a whole answer was expected");
        return answer;
      },
      stream: async (request, options) => {
        const answer = await this.#ask({ accept: "text/event-stream", ...request }, options);
        return "events" in answer
          ? { kind: "stream", body: encode(answer.events, options.signal) }
          : { kind: "whole", answer };
      },
      close: () => void this.open--,
    };
  }

  /** Every command asks for the version first; only those whose work that is see it. */
  get #answersHealth(): boolean {
    return !this.#isShutdown && this.#healths++ === 0;
  }

  #health(): ControlAnswer {
    const { supervisorVersion = "1.2.3" } = this.#options;
    return jsonAnswer({ status: "ok", version: supervisorVersion });
  }

  async #ask(request: ControlRequest, options: ControlOptions): Promise<FakeAnswer> {
    this.asked.push(`${request.method} ${request.target}`);
    if (request.body !== undefined) this.bodies.push(request.body);
    const { answer } = this.#options;
    if (answer === undefined) throw new TypeError("no request was expected");
    return await answer(request, options);
  }
}

/** Events as bytes; ends with the signal's reason when that fires. */
async function* encode(
  events: FakeStream["events"],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const aborted = new Promise<never>((_resolve, reject) =>
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
  aborted.catch(() => {});
  const all = Symbol.asyncIterator in events
    ? events[Symbol.asyncIterator]()
    : events[Symbol.iterator]();
  for (;;) {
    const { done, value } = await Promise.race([all.next(), aborted]);
    if (done) return;
    const { type, id, data } = value;
    const idLine = id === undefined ? "" : `id: ${id}\n`;
    yield new TextEncoder().encode(
      `event: ${type}\n${idLine}data: ${JSON.stringify(data)}\n\n`,
    );
  }
}

/** What the supervisor answers to an input that is streamed. */
export function streamedAnswer(
  answer: Readonly<Record<string, unknown>>,
  text: string,
): FakeStream {
  return {
    events: [
      { type: "phase", data: { engine: "python", phase: "answering" } },
      { type: "chunk", data: { text } },
      { type: "done", data: { status: 200, tookMs: 1, answer } },
    ],
  };
}

/** A JSON answer. */
export function jsonAnswer(json: unknown, status = 200): ControlAnswer {
  return { status, text: JSON.stringify(json), json };
}

/** A problem of the supervisor's. */
export function problemAnswer(
  status: number,
  problem: Readonly<Record<string, unknown>>,
): ControlAnswer {
  return jsonAnswer({ source: "supervisor", status, ...problem }, status);
}

/** A supervisor with `views`; anything but the list is answered by `more`. */
export function supervisorOf(views: readonly EngineView[], more?: Answering): Answering {
  return (request, options) => {
    if (request.target === "/api/engines") return jsonAnswer({ engines: views });
    if (more === undefined) throw new TypeError(`not expected: ${request.target}`);
    return more(request, options);
  };
}

/** An engine that was never started; the fake clock begins at 2025-01-01T00:00:00Z. */
export function engineView(changes: Partial<EngineView> = {}): EngineView {
  return {
    name: "python",
    kind: "python",
    state: "stopped",
    reason: null,
    how: null,
    since: "2024-12-31T23:00:00.000Z",
    pid: null,
    startedAt: null,
    readyAt: null,
    stopsAt: null,
    lastActivityAt: null,
    idleTimeoutMs: 300_000,
    inflight: 0,
    queued: 0,
    queuedSince: null,
    slots: null,
    usualStartMs: null,
    rssBytes: null,
    restarts: 0,
    lastError: null,
    socket: "/run/ai-engine/engine-python.sock",
    ...changes,
  };
}

/** An engine that has been ready for twelve minutes. */
export function readyView(changes: Partial<EngineView> = {}): EngineView {
  return engineView({
    state: "ready",
    reason: "requested",
    pid: 4242,
    startedAt: "2024-12-31T23:47:59.830Z",
    readyAt: "2024-12-31T23:48:00.000Z",
    stopsAt: "2025-01-01T00:04:10.000Z",
    lastActivityAt: "2024-12-31T23:59:10.000Z",
    rssBytes: 84_400_000,
    ...changes,
  });
}
