/**
 * Processes that are none: what an engine does is set by the test, time is a fake clock's.
 *
 * @module
 */
import {
  ConnectError,
  type ExitStatus,
  type Files,
  type Net,
  type Processes,
  type ProcessTree,
  SpawnError,
  type SpawnSpec,
} from "../../src/core/mod.ts";
import { DialError } from "../../src/core/mod.ts";
import type {
  ClientRequest,
  ClientResponse,
  InstanceClient,
  RequestOptions,
} from "../../src/pool/mod.ts";

/** How a process answers and ends. Changeable while it runs. */
export interface Behaviour {
  /** `null` = nothing listens yet. */
  health: number | null;
  /** `null` = no answer ever. */
  status: number | null;
  busy: boolean;
  /** What `POST /stop` does. */
  stop: "exits" | "missing" | "ignored";
  /** What SIGTERM does. */
  term: "exits" | "ignored";
  /** What SIGKILL does. */
  kill: "exits" | "ignored";
  /** What an input does. */
  input: "answers" | "hangs";
  /** Whether a group member outlives the leader until SIGKILL. */
  group: "alone" | "outlives";
  spawn: "works" | "fails";
}

export const GOOD: Behaviour = {
  health: 200,
  status: 200,
  busy: false,
  stop: "exits",
  term: "exits",
  kill: "exits",
  input: "answers",
  group: "alone",
  spawn: "works",
};

export class FakeTree implements ProcessTree {
  // Before the streams, which fill it.
  readonly #outputs: ReadableStreamDefaultController<Uint8Array>[] = [];
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  readonly stdout = new ReadableStream<Uint8Array>({ start: (c) => this.#endOutput(c) });
  readonly stderr = new ReadableStream<Uint8Array>({ start: (c) => this.#endOutput(c) });
  readonly signals: string[] = [];
  isAlive = true;
  hasMember: boolean;
  #resolve: (exit: ExitStatus) => void = () => {};

  constructor(pid: number, readonly spec: SpawnSpec, readonly behaviour: Behaviour) {
    this.pid = pid;
    this.hasMember = behaviour.group === "outlives";
    this.exited = new Promise((resolve) => this.#resolve = resolve);
  }

  exit(code: number, osSignal: string | null = null): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const output of this.#outputs) output.close();
    this.#resolve({ code, osSignal });
  }

  print(text: string): void {
    this.#outputs[0]?.enqueue(new TextEncoder().encode(text));
  }

  signal(osSignal: "SIGTERM" | "SIGKILL"): void {
    this.signals.push(osSignal);
    if (osSignal === "SIGTERM" && this.behaviour.term === "exits") this.exit(143, "SIGTERM");
    if (osSignal === "SIGKILL" && this.behaviour.kill === "exits") {
      this.hasMember = false;
      this.exit(137, "SIGKILL");
    }
  }

  killStrays(): Promise<number> {
    return Promise.resolve(0);
  }

  hasGroup(): Promise<boolean> {
    return Promise.resolve(this.isAlive || this.hasMember);
  }

  rssBytes(): Promise<number | null> {
    return Promise.resolve(1_000_000);
  }

  release(): void {}

  #endOutput(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#outputs.push(controller);
  }
}

/** A machine on which engines behave as `next` says at their spawn. */
export class FakeMachine implements Processes {
  next: Behaviour = { ...GOOD };
  readonly trees: FakeTree[] = [];
  /** Requests that any engine has seen. */
  readonly seen: string[] = [];

  spawn(spec: SpawnSpec): ProcessTree {
    if (this.next.spawn === "fails") {
      throw new SpawnError({ detail: "It is not there.", remedy: "Put it there." });
    }
    const tree = new FakeTree(100 + this.trees.length, spec, { ...this.next });
    this.trees.push(tree);
    return tree;
  }

  get live(): number {
    return this.trees.filter((tree) => tree.isAlive).length;
  }

  get newest(): FakeTree {
    const tree = this.trees.at(-1);
    if (tree === undefined) throw new TypeError("Nothing was spawned");
    return tree;
  }

  connect = (): InstanceClient => {
    return { request: (request, options) => this.#request(request, options), close() {} };
  };

  readonly files: Files = {
    info: () => Promise.resolve(null),
    remove: () => Promise.resolve(),
    setMode: () => Promise.resolve(),
    uid: 0,
  };

  readonly net: Net = {
    connectUnix: () => Promise.reject(new DialError("no_socket", "no socket")),
  };

  #request(request: ClientRequest, options: RequestOptions = {}): Promise<ClientResponse> {
    const tree = this.newest;
    this.seen.push(`${request.method} ${request.target}`);
    const { behaviour } = tree;
    if (!tree.isAlive || behaviour.health === null) return Promise.reject(noConnection());
    switch (request.target) {
      case "/health":
        return answer(behaviour.health, "{}");
      case "/status":
        if (behaviour.status === null) return broken(tree, options);
        return answer(behaviour.status, JSON.stringify({ busy: behaviour.busy }));
      case "/stop":
        if (behaviour.stop === "missing") return answer(404, "{}");
        if (behaviour.stop === "exits") tree.exit(0);
        return answer(200, "{}");
      default:
        if (behaviour.input === "hangs") return broken(tree, options);
        return answer(200, `{"message":"You said so","count":1}`);
    }
  }
}

function answer(status: number, text: string): Promise<ClientResponse> {
  return Promise.resolve({
    status,
    fields: [["content-type", "application/json"]],
    body: new TextEncoder().encode(text),
  });
}

/** No answer; the connection breaks when the process ends. */
function broken(tree: FakeTree, { signal }: RequestOptions): Promise<ClientResponse> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    tree.exited.then(
      () =>
        reject(
          new ConnectError("upstream_failed", "after_send", {
            detail: "It broke.",
            remedy: "None.",
          }),
        ),
      reject,
    );
  });
}

function noConnection(): ConnectError {
  return new ConnectError("upstream_failed", "before_send", { detail: "No.", remedy: "None." });
}
