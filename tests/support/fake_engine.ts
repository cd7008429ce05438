/**
 * Processes that are none: what an engine does is set by the test, time is a fake clock's.
 *
 * @module
 */
import {
  type Clock,
  ConnectError,
  DialError,
  type EngineAddress,
  type ExitStatus,
  type Files,
  formatAddress,
  type Net,
  type Processes,
  type ProcessTree,
  sleep,
  SpawnError,
  type SpawnSpec,
  TimeoutError,
  type Transports,
} from "../../src/core/mod.ts";
import type {
  ClientRequest,
  ClientResponse,
  InstancePool,
  RequestOptions,
} from "../../src/pool/mod.ts";

import { ScriptedStream } from "./scripted_stream.ts";

/** Status and body; `null` = never. */
export type Answer = readonly [status: number, body: string] | null;

/** How a process answers and ends. Changeable while it runs. */
export interface Behaviour {
  /** `null` = nothing listens yet; `hangs` = it accepts and never answers. */
  health: number | "hangs" | null;
  /** `null` = no answer ever. */
  status: number | null;
  busy: boolean;
  /** What `POST /stop` does. */
  stop: "exits" | "missing" | "ignored" | "hangs";
  /** What SIGTERM does. */
  term: "exits" | "ignored";
  /** What SIGKILL does. */
  kill: "exits" | "ignored";
  /** What an input does. */
  input: "answers" | "hangs";
  /** What it says to `GET /metrics`. */
  metrics: Answer;
  /** Every answer comes this long after its request, even when the process has ended meanwhile. */
  answerMs: number;
  /** How long it takes to exit once `POST /stop` or SIGTERM makes it. */
  exitMs: number;
  /** How long a look into the process table takes. */
  lookMs: number;
  /** Whether a group member outlives the leader until SIGKILL. */
  group: "alone" | "outlives";
  /** `fails` = there is no such program, `no_room` = there is no descriptor left. */
  spawn: "works" | "fails" | "no_room";
  /** What it has in memory, with all that it has started. */
  heldBytes: number;
  /** SIGSTOP: nothing is answered. */
  isStopped: boolean;
  /** Whether who listens on its port is one of its own. */
  ownsPort: boolean | null;
}

export const GOOD: Behaviour = {
  health: 200,
  status: 200,
  busy: false,
  stop: "exits",
  term: "exits",
  kill: "exits",
  input: "answers",
  metrics: [404, "{}"],
  answerMs: 0,
  exitMs: 0,
  lookMs: 0,
  group: "alone",
  spawn: "works",
  heldBytes: 1_000_000,
  isStopped: false,
  ownsPort: true,
};

export class FakeTree implements ProcessTree {
  // Before the streams, which fill it.
  readonly #outputs = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly #cutListeners: (() => void)[] = [];
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  readonly stdout = this.#newOutput();
  readonly stderr = this.#newOutput();
  readonly signals: string[] = [];
  isAlive = true;
  isReleased = false;
  /** How often what left its group was looked for, to be killed. */
  strayHunts = 0;
  hasMember: boolean;
  #resolve: (exit: ExitStatus) => void = () => {};

  constructor(
    pid: number,
    readonly spec: SpawnSpec,
    readonly behaviour: Behaviour,
    readonly clock: Clock,
  ) {
    this.pid = pid;
    this.hasMember = behaviour.group === "outlives";
    this.exited = new Promise((resolve) => this.#resolve = resolve);
  }

  /** Whether any process of the group lives. */
  get hasLife(): boolean {
    return this.isAlive || this.hasMember;
  }

  /** Exits as it was told to, in its own time. */
  exitSoon(code: number, osSignal: string | null = null): void {
    const { exitMs } = this.behaviour;
    if (exitMs === 0) this.exit(code, osSignal);
    else this.clock.at(this.clock.now() + exitMs, () => this.exit(code, osSignal));
  }

  /** Calls `listener` when the connections break: at the exit, or earlier. */
  onCut(listener: () => void): void {
    this.#cutListeners.push(listener);
  }

  /** Breaks all connections. */
  cut(): void {
    for (const listener of this.#cutListeners.splice(0)) listener();
  }

  exit(code: number, osSignal: string | null = null): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.cut();
    for (const output of this.#outputs) output.close();
    this.#resolve({ code, osSignal });
  }

  print(text: string): void {
    [...this.#outputs].at(0)?.enqueue(new TextEncoder().encode(text));
  }

  signal(osSignal: "SIGTERM" | "SIGKILL"): void {
    this.signals.push(osSignal);
    if (osSignal === "SIGTERM" && this.behaviour.term === "exits") this.exitSoon(143, "SIGTERM");
    if (osSignal !== "SIGKILL") return;
    if (this.behaviour.kill === "ignored") return;
    this.hasMember = false;
    this.exit(137, "SIGKILL");
  }

  killStrays(): Promise<number> {
    this.strayHunts++;
    return Promise.resolve(0);
  }

  async hasGroup(): Promise<boolean> {
    await this.#look();
    return this.hasLife;
  }

  rssBytes(): number | null {
    return this.isAlive ? 1_000_000 : null;
  }

  heldBytes(): Promise<number> {
    return Promise.resolve(this.behaviour.heldBytes);
  }

  ownsPort(): Promise<boolean | null> {
    return Promise.resolve(this.behaviour.ownsPort);
  }

  isStopped(): boolean {
    return this.behaviour.isStopped;
  }

  release(): void {
    this.isReleased = true;
  }

  async #look(): Promise<void> {
    if (this.behaviour.lookMs > 0) await sleep(this.clock, this.behaviour.lookMs);
  }

  #newOutput(): ReadableStream<Uint8Array> {
    let output: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream({
      start: (controller) => {
        output = controller;
        this.#outputs.add(output);
      },
      cancel: () => void this.#outputs.delete(output),
    });
  }
}

/** A machine on which engines behave as `next` says at their spawn. */
export class FakeMachine implements Processes {
  next: Behaviour = { ...GOOD };
  readonly trees: FakeTree[] = [];
  /** Requests that any engine has seen. */
  readonly seen: string[] = [];
  /** The largest number of trees that were {@linkcode owned} at the same time. */
  mostAtOnce = 0;
  /** Told of each spawn before it; what it throws is why there is none. */
  onSpawn: (spec: SpawnSpec) => void = () => {};
  /** How long a look at a file takes. */
  fileMs = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  spawn(spec: SpawnSpec): ProcessTree {
    this.onSpawn(spec);
    if (this.next.spawn === "fails") {
      throw new SpawnError({ detail: "It is not there.", remedy: "Put it there." });
    }
    if (this.next.spawn === "no_room") {
      throw new SpawnError({ detail: "No descriptor is left.", remedy: "Wait." }, "descriptors");
    }
    const tree = new FakeTree(100 + this.trees.length, spec, { ...this.next }, this.#clock);
    this.trees.push(tree);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.owned.length);
    return tree;
  }

  /** Trees that live and were not let go of. */
  get owned(): FakeTree[] {
    return this.trees.filter((tree) => tree.hasLife && !tree.isReleased);
  }

  get live(): number {
    return this.trees.filter((tree) => tree.isAlive).length;
  }

  get newest(): FakeTree {
    const tree = this.trees.at(-1);
    if (tree === undefined) throw new TypeError("Nothing was spawned");
    return tree;
  }

  /** The newest one that was to listen on `socket`. */
  at(socket: string): FakeTree | undefined {
    return this.trees.findLast(({ spec: { env } }) =>
      env["AI_ENGINE_SOCKET"] === socket || `127.0.0.1:${env["AI_ENGINE_PORT"]}` === socket
    );
  }

  /** A client of whatever listens there, as long as it is not closed. */
  connect = (address: EngineAddress): InstancePool => {
    const socket = formatAddress(address);
    let isClosed = false;
    return {
      request: (request, options) =>
        isClosed ? Promise.reject(noConnection()) : this.#request(socket, request, options),
      lease: () => {
        throw noConnection();
      },
      close: () => isClosed = true,
    };
  };

  readonly files: Files = {
    info: async (path) => {
      if (this.fileMs > 0) await sleep(this.#clock, this.fileMs);
      const tree = this.at(path);
      const isThere = tree !== undefined && tree.isAlive && tree.behaviour.health !== null;
      return isThere ? { kind: "socket", uid: 0, mode: 0o600 } : null;
    },
    remove: () => Promise.resolve(),
    setMode: () => Promise.resolve(),
    uid: 0,
  };

  readonly net: Net = {
    connectUnix: () => Promise.reject(new DialError("no_socket", "no socket")),
  };

  /** Where others than engines listen. */
  readonly takenPorts = new Set<number>();
  #lastPort = 40_000;

  readonly transports: Transports = {
    to: (address) => ({
      name: formatAddress(address),
      connect: () => {
        const tree = this.at(formatAddress(address));
        const isThere = tree !== undefined && tree.isAlive && tree.behaviour.health !== null;
        if (!isThere) return Promise.reject(new DialError("not_listening", "nobody"));
        return Promise.resolve(new ScriptedStream());
      },
    }),
    freePort: () => ++this.#lastPort,
    isTaken: (port) => this.takenPorts.has(port),
  };

  #request(
    socket: string,
    request: ClientRequest,
    options: RequestOptions = {},
  ): Promise<ClientResponse> {
    const tree = this.at(socket);
    if (tree === undefined) return Promise.reject(noConnection());
    this.seen.push(`${request.method} ${request.target}`);
    const { behaviour } = tree;
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    if (!tree.isAlive || behaviour.health === null) return Promise.reject(noConnection());
    return onWire(tree, options, answerOf(request.target, tree));
  }
}

function answerOf(target: string, tree: FakeTree): Answer {
  const { health, status, busy, stop, input, isStopped } = tree.behaviour;
  if (isStopped) return null;
  switch (target) {
    case "/health":
      return health === "hangs" || health === null ? null : [health, "{}"];
    case "/status":
      return status === null ? null : [status, JSON.stringify({ busy })];
    case "/stop":
      if (stop === "exits") tree.exitSoon(0);
      if (stop === "hangs") return null;
      return stop === "missing" ? [404, "{}"] : [200, "{}"];
    case "/metrics":
      return tree.behaviour.metrics;
    default:
      return input === "hangs" ? null : [200, `{"message":"You said so","count":1}`];
  }
}

/** An answer on its way; the wait for one that never comes ends with the process. */
function onWire(tree: FakeTree, options: RequestOptions, answer: Answer): Promise<ClientResponse> {
  const { signal, totalMs } = options;
  const { clock, behaviour: { answerMs } } = tree;
  if (answer !== null && answerMs === 0) return Promise.resolve(toResponse(answer));
  const { promise, resolve, reject } = Promise.withResolvers<ClientResponse>();
  const leave = () => reject(signal?.reason);
  signal?.addEventListener("abort", leave, { once: true });
  const limit = totalMs === undefined
    ? undefined
    : clock.at(clock.now() + totalMs, () => reject(tooLate()));
  const arrival = answer === null
    ? undefined
    : clock.at(clock.now() + answerMs, () => resolve(toResponse(answer)));
  if (answer === null) tree.onCut(() => reject(brokeOff()));
  return promise.finally(() => {
    signal?.removeEventListener("abort", leave);
    limit?.cancel();
    arrival?.cancel();
  });
}

function toResponse([status, body]: NonNullable<Answer>): ClientResponse {
  return {
    status,
    fields: [["content-type", "application/json"]],
    body: new TextEncoder().encode(body),
  };
}

function brokeOff(): ConnectError {
  const details = { detail: "It broke.", remedy: "None." };
  return new ConnectError("upstream_failed", "after_send", details);
}

function tooLate(): TimeoutError {
  return new TimeoutError("total", { detail: "Too late.", remedy: "None." });
}

function noConnection(): ConnectError {
  return new ConnectError("upstream_failed", "before_send", { detail: "No.", remedy: "None." });
}
