import { compareEngines, type EngineSettings } from "../config/mod.ts";
import type { ErrorView } from "../core/mod.ts";
import type { StopCause } from "../lifecycle/mod.ts";
import type { Crew } from "./crew.ts";
import type { Member } from "./member.ts";
import type { StateChange } from "./instance_types.ts";

export interface SuccessionOptions {
  readonly crew: Crew;
  /** Whether there is room for another beside those that serve. */
  readonly mayRunBeside: (settings: EngineSettings) => boolean;
  /** Other instances serve, or by other rules: who waits is to be looked at again. */
  readonly onChanged: () => void;
  /** The new program could not be started, the one before goes on. */
  readonly onKept: (why: ErrorView | null) => void;
}

/** What comes next. */
type Plan =
  | { readonly kind: "none" }
  /** New ones are started beside those that serve, and take their place once they are ready. */
  | {
    readonly kind: "beside";
    readonly settings: EngineSettings;
    readonly incoming: readonly Member[];
  }
  /** Once nothing runs it is this, started at once or when somebody wants it. */
  | { readonly kind: "after"; readonly settings: EngineSettings; readonly then: "start" | "rest" }
  /** It was started in the place of `before`, which is again should it not come up. */
  | { readonly kind: "trial"; readonly before: EngineSettings };

const NONE: Plan = { kind: "none" };

/**
 * How an engine comes to other settings while it runs. What needs another process gets one beside the
 * one that serves; where both can't be, requests wait while one goes and the other comes. One that does
 * not start changes nothing.
 */
export class Succession {
  readonly #options: SuccessionOptions;
  #plan: Plan = NONE;

  constructor(options: SuccessionOptions) {
    this.#options = options;
  }

  /** Whether requests wait for another program. */
  get isAwaited(): boolean {
    return this.#plan.kind === "after";
  }

  /** Whether a failure is not the last word. */
  get hasFallback(): boolean {
    return this.#plan.kind === "trial" || this.#plan.kind === "after";
  }

  to(settings: EngineSettings): void {
    const { crew, mayRunBeside, onChanged } = this.#options;
    this.#dropIncoming();
    if (this.#plan.kind === "after") {
      this.#plan = { ...this.#plan, settings };
      return;
    }
    const change = compareEngines(crew.settings, settings);
    if (change === "none") return;
    if (change === "settings") crew.adjust(settings);
    else if (crew.isAtRest) crew.install(settings);
    else if (mayRunBeside(settings)) this.#beginBeside(settings);
    else this.#goAndCome(settings);
    onChanged();
  }

  /** A stop finds a change under way: what was to be run is next, when somebody wants it. */
  beforeStop(cause: StopCause): void {
    if (cause !== "user" && cause !== "restart") return;
    const then = cause === "restart" ? "start" : "rest";
    const plan = this.#plan;
    if (plan.kind !== "beside" && plan.kind !== "after") return;
    this.#dropIncoming();
    this.#plan = { kind: "after", settings: plan.settings, then };
  }

  onChange(instance: Member, { to }: StateChange): void {
    const plan = this.#plan;
    const { crew } = this.#options;
    if (plan.kind === "beside" && plan.incoming.includes(instance)) {
      if (isFailure(to.name)) this.#giveUp(plan.incoming);
      else this.#maybeTakeOver(plan);
    } else if (plan.kind === "after") {
      if (crew.isAtRest) this.#comeAfter(plan);
    } else if (plan.kind === "trial" && crew.serving.includes(instance)) {
      if (to.name === "ready") this.#plan = NONE;
      else if (isFailure(to.name)) this.#fallBack(plan);
    }
  }

  #beginBeside(settings: EngineSettings): void {
    const incoming = this.#options.crew.bring(settings);
    this.#plan = { kind: "beside", settings, incoming };
    start(incoming, settings);
  }

  #maybeTakeOver({ settings, incoming }: Extract<Plan, { kind: "beside" }>): void {
    const ready = incoming.filter(({ state }) => state.name === "ready");
    if (ready.length < settings.replicas.min) return;
    this.#plan = NONE;
    this.#options.crew.takeOver(settings);
    this.#options.onChanged();
  }

  #giveUp(incoming: readonly Member[]): void {
    this.#dropIncoming();
    this.#options.onKept(errorOf(incoming));
  }

  #dropIncoming(): void {
    if (this.#plan.kind !== "beside") return;
    this.#plan = NONE;
    this.#options.crew.dismiss();
  }

  #goAndCome(settings: EngineSettings): void {
    this.#plan = { kind: "after", settings, then: "start" };
    stop(this.#options.crew.serving, "drain");
  }

  #comeAfter({ settings, then }: Extract<Plan, { kind: "after" }>): void {
    const { crew, onChanged } = this.#options;
    const before = crew.settings;
    crew.install(settings);
    this.#plan = then === "start" ? { kind: "trial", before } : NONE;
    if (then === "start") start(crew.serving, settings);
    onChanged();
  }

  #fallBack({ before }: Extract<Plan, { kind: "trial" }>): void {
    const { crew, onChanged, onKept } = this.#options;
    onKept(errorOf(crew.serving));
    if (!crew.isAtRest) {
      this.#plan = { kind: "after", settings: before, then: "start" };
      return stop(crew.serving, "force");
    }
    // It ran before: should it not start now, either, that is told as any start that fails.
    this.#plan = NONE;
    crew.install(before);
    start(crew.serving, before);
    onChanged();
  }
}

function start(instances: readonly Member[], { replicas: { min } }: EngineSettings): void {
  for (const instance of instances.slice(0, min)) {
    instance.post({ type: "want", by: "reload", until: Infinity });
  }
}

function stop(instances: readonly Member[], urgency: "drain" | "force"): void {
  for (const instance of instances) {
    instance.post({ type: "stop", cause: "reload", urgency, wakes: "on_demand" });
  }
}

function errorOf(instances: readonly Member[]): ErrorView | null {
  return instances.map(({ report }) => report.lastError).find((error) => error !== null) ?? null;
}

/** Where a start ends that did not come to its end. */
function isFailure(state: StateChange["to"]["name"]): boolean {
  return state === "stopped" || state === "backoff" || state === "failed";
}
