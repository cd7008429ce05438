/**
 * A server elsewhere, of which nothing is ours but the connections: no process, so nothing is started,
 * stopped or idle. It is `ready` or `failed` as its probe says.
 *
 * @module
 */
import type { Candidate } from "../balance/mod.ts";
import { type EngineSettings, type RemoteServer, toRemoteAddress } from "../config/mod.ts";
import {
  AdmissionError,
  type AiEngineError,
  type ChangeReason,
  ConnectError,
  type ErrorView,
  LifecycleError,
  type Timer,
} from "../core/mod.ts";
import { INITIAL_STATE, type LifecycleEvent, type LifecycleState } from "../lifecycle/mod.ts";
import type { Envelope, InstancePool } from "../pool/mod.ts";
import { type InstanceReport, toErrorView } from "./engine_report.ts";
import { shuttingDown } from "./failure_text.ts";
import { InstanceLease, type LeaseSource, type Served } from "./instance_lease.ts";
import type { EndOfRequest, InstanceOptions } from "./instance_types.ts";
import type { Member } from "./member.ts";
import { PROBE_MS, probeRemote } from "./remote_probe.ts";
import { Reputation } from "./reputation.ts";
import type { InputAnswer } from "./supervisor_types.ts";
import type { Ask } from "./waiting_room.ts";

/** What a client says of itself to us, and what is nobody else's business. */
const WITHHELD = ["authorization", "cookie", "x-api-key", "api-key"] as const;

/** There is only ever one. */
const GENERATION = 1;

export class RemoteInstance implements Member, LeaseSource, Served {
  readonly id: number;
  readonly generation = GENERATION;
  readonly serial: number;
  /** Direct calls are for our own machine. */
  readonly calls = null;
  readonly pool: InstancePool;
  readonly #options: InstanceOptions;
  readonly #server: RemoteServer;
  readonly #over = new AbortController();
  #settings: EngineSettings;
  #state: LifecycleState;
  readonly #reputation: Reputation;
  #inflight = 0;
  #lastActivityAt: number;
  #noInput: InputAnswer | undefined;
  /** Runs while requests may end after a stop. */
  #drain: Timer | undefined;
  readonly #onRest = new Set<() => void>();
  #failure: { readonly error: AiEngineError; readonly view: ErrorView } | undefined;

  /** Begins to probe `server` at once. */
  constructor(options: InstanceOptions, server: RemoteServer) {
    const { ports, settings, host } = options;
    this.id = options.id;
    this.serial = host.nextSerial();
    this.#options = options;
    this.#reputation = new Reputation(ports, host);
    this.#server = server;
    this.#settings = settings;
    const since = this.#lastActivityAt = ports.clock.now();
    this.#state = { ...this.#common("preload", since), ...STARTING };
    const address = toRemoteAddress(server.url, settings.remote?.ca ?? null);
    this.pool = ports.connect(address, {
      engine: settings,
      traffic: { moves: 0 },
      envelope: toEnvelope(settings, server),
    });
    const { clock, random, transports } = ports;
    probeRemote({
      ...{ settings, address, client: this.pool, clock, random, transports },
      signal: this.#over.signal,
      onAnswer: () => this.#onAnswer(),
      onMissed: (error) => this.#onMissed(error),
    }).catch((error) => {
      throw error;
    });
  }

  get state(): LifecycleState {
    return this.#state;
  }

  get report(): InstanceReport {
    const lastError = this.#failure?.view ?? null;
    const process = {
      pid: null,
      startedAt: null,
      readyAt: null,
      rssBytes: null,
      kind: null,
      pool: this.pool,
    };
    return { id: this.id, state: this.#state, process, lastError, socket: this.#server.url };
  }

  /** It is heard at once. */
  readonly isWanted = false;

  get hasFreeSlot(): boolean {
    const { slots } = this.#settings;
    return this.#state.name === "ready" && (slots === null || this.#inflight < slots);
  }

  get candidate(): Candidate {
    const slots = this.#settings.slots ?? Infinity;
    const { weight } = this.#server;
    const { standing } = this.#reputation;
    return { inflight: this.#inflight, slots, weight, standing };
  }

  get idleAt(): null {
    return null;
  }

  configure(settings: EngineSettings): void {
    this.#settings = settings;
  }

  onChosen(): void {
    this.#reputation.onChosen();
  }

  want(ask: Ask): void {
    if (ask.hasLeft()) return;
    switch (this.#state.name) {
      case "ready":
        if (ask.by === "input" || ask.by === "request") this.#inflight++;
        this.#use();
        return ask.grant(this);
      case "starting":
        return this.#options.host.hold(ask);
      default:
        return ask.refuse(this.#refusal);
    }
  }

  post(event: LifecycleEvent): void {
    if (event.type === "touch") this.#use();
    if (event.type !== "stop") return;
    if (event.cause !== "shutdown" && event.cause !== "reload") return;
    const reason = event.cause;
    this.close();
    if (event.urgency !== "drain") this.#letGo();
    if (this.#state.name === "stopped") return;
    const { closeDrainMs, ports: { clock } } = this.#options;
    if (this.#inflight > 0) this.#drain ??= clock.at(this.#now + closeDrainMs, () => this.#letGo());
    this.#enter({
      ...this.#common(reason, this.#now),
      name: "stopped",
      wakes: event.wakes,
      failure: null,
    });
    if (reason !== "shutdown") return;
    const { host, settings: { name } } = this.#options;
    host.refuseHeld(this, { kind: "shutting_down" }, () => shuttingDown(name));
  }

  /** Nothing is asked any more; what is under way may end. */
  close(): void {
    this.#over.abort();
    this.pool.close();
  }

  actNow(act: () => void): void {
    act();
  }

  lookWhetherIdle(): void {
    // It is never stopped for that.
  }

  /** Once its requests have ended, or their time is over. */
  atRest(signal?: AbortSignal): Promise<void> {
    if (this.#drain === undefined || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onRest.add(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #letGo(): void {
    this.#drain?.cancel();
    this.#drain = undefined;
    for (const resolve of this.#onRest) resolve();
    this.#onRest.clear();
  }

  newLease(): InstanceLease {
    return new InstanceLease({ source: this, process: this, since: this.#now });
  }

  release({ failure, since }: EndOfRequest): void {
    const { host } = this.#options;
    const now = this.#now;
    this.#reputation.onEnded(failure);
    this.#inflight--;
    if (this.#inflight === 0) this.#letGo();
    this.#use();
    host.onFreed(this, since === null ? null : now - since);
  }

  explainBreak(_generation: number, broke: AiEngineError): Promise<AiEngineError> {
    return Promise.resolve(broke);
  }

  hasCrashed(): Promise<boolean> {
    return Promise.resolve(false);
  }

  get noInput(): InputAnswer | undefined {
    return this.#noInput;
  }

  turnInputOff(answer: InputAnswer): void {
    this.#noInput = answer;
  }

  /** What is shown of its work. */
  #use(): void {
    this.#lastActivityAt = this.#now;
    if (this.#state.name === "ready") this.#state = { ...this.#state, work: this.#work };
  }

  get #work() {
    const at = this.#lastActivityAt;
    return { inflight: this.#inflight, lastActivityAt: at, busyUntil: at, keepAliveMs: null };
  }

  #onAnswer(): void {
    if (this.#state.name === "ready" || this.#state.name === "stopped") return;
    const reason = this.#state.name === "failed" ? "retry" : "preload";
    this.#reputation.renew();
    this.#failure = undefined;
    const common = this.#common(reason, this.#now);
    this.#enter({ ...common, name: "ready", work: this.#work }, () => {
      this.#options.host.askHeldAgain();
    });
  }

  #onMissed(error: AiEngineError): void {
    const { host, wallTime } = this.#options;
    if (this.#state.name === "stopped") return;
    const view = toErrorView(error, wallTime.show(this.#now));
    this.#failure = { error, view };
    if (this.#state.name === "failed") return;
    const failure = { kind: "unhealthy" } as const;
    const reason = this.#state.name === "ready" ? "unhealthy" : "start_failed";
    const common = this.#common(reason, this.#now);
    this.#enter({ ...common, name: "failed", failure }, () => {
      host.refuseHeld(this, { kind: "failure", failure }, () => this.#refusal);
    });
  }

  #enter(to: LifecycleState, act: () => void = () => {}): void {
    const from = this.#state;
    this.#state = to;
    act();
    this.#options.host.onChange(this, { from, to, now: to.since });
  }

  /** Why it can't be asked, and when it may be worth another try. */
  get #refusal(): AiEngineError {
    const { settings: { name: engine } } = this.#options;
    const error = this.#failure?.error;
    if (this.#state.name === "stopped") return shuttingDown(engine);
    const details = {
      engine,
      detail: `${engine} at ${this.#server.url} can't be used: ${error?.message ?? "it is gone."}`,
      remedy: error?.remedy ?? "See whether it runs.",
      retryAfterS: Math.ceil(PROBE_MS / 1_000),
      cause: error,
    };
    if (error instanceof LifecycleError) return new LifecycleError("health_failed", details);
    if (error instanceof ConnectError && error.code === "too_many_connections") {
      return new AdmissionError("too_many_connections", details);
    }
    return new ConnectError("upstream_failed", "before_send", details);
  }

  #common(reason: ChangeReason, since: number) {
    const { failures } = INITIAL_STATE;
    return { since, reason, generation: GENERATION, how: null, failures };
  }

  get #now(): number {
    return this.#options.ports.clock.now();
  }
}

/** Until the first probe has an answer, which its own limit sees to. */
const STARTING = { name: "starting", deadline: Infinity, lastStatus: null } as const;

/** What goes with every request there: its own name, its own credentials, none of the client's. */
function toEnvelope({ remote }: EngineSettings, { url }: RemoteServer): Envelope {
  const { host, pathname } = new URL(url);
  return {
    host,
    prefix: pathname === "/" ? "" : pathname,
    fields: Object.entries(remote?.headers ?? {}),
    withheld: WITHHELD,
  };
}
