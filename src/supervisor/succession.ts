import { compareEngines, type EngineSettings } from "../config/mod.ts";
import { type AiEngineError, toAiEngineError } from "../core/mod.ts";
import type { StopCause } from "../lifecycle/mod.ts";
import type { Crew } from "./crew.ts";
import type { Member } from "./member.ts";
import type { StateChange } from "./instance_types.ts";

export interface SuccessionOptions {
  readonly crew: Crew;
  /** Whether there is room for another beside those that serve. */
  readonly mayRunBeside: (settings: EngineSettings) => boolean;
  /** Why there never is room for it; `null` = there may be. */
  readonly refusalOf: (settings: EngineSettings) => AiEngineError | null;
  /**
   * Gives up the room of what ran, and asks for that of what serves now: whether it may start, else
   * {@linkcode Succession.onEntered} tells. Throws when it never may.
   */
  readonly enterAnew: () => boolean;
  /** Those that were started beside have taken the place. */
  readonly onTakenOver: () => void;
  /** Other instances serve, or by other rules: who waits is to be looked at again. */
  readonly onChanged: () => void;
  /** The new program could not be started, the one before goes on. */
  readonly onKept: (why: Why | null) => void;
}

interface Why {
  readonly detail: string;
  readonly remedy: string;
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
  /**
   * Once nothing runs it is this, started at once or when somebody wants it. `return`: it is what ran
   * before, and nothing is left to try should it not come up.
   */
  | {
    readonly kind: "after";
    readonly settings: EngineSettings;
    readonly then: "start" | "rest" | "return";
  }
  /** It starts once there is room; `before` is what is tried then, `null` = nothing. */
  | { readonly kind: "entering"; readonly before: EngineSettings | null }
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
    return this.#plan.kind !== "none";
  }

  /** Whether it waits for room, though nobody else may wait for it. */
  get isEntering(): boolean {
    return this.#plan.kind === "entering";
  }

  to(settings: EngineSettings): void {
    const { crew, mayRunBeside, onChanged, onKept, refusalOf } = this.#options;
    this.#dropIncoming();
    if (this.#plan.kind === "after") {
      this.#plan = { ...this.#plan, settings };
      return;
    }
    const change = compareEngines(crew.settings, settings);
    // Who waits for what was on its way waits no more.
    if (change === "none") return onChanged();
    if (change === "settings") crew.adjust(settings);
    else if (crew.isAtRest) this.#installAtRest(settings);
    else if (crew.isGoingToRest) this.#plan = { kind: "after", settings, then: "rest" };
    else if (mayRunBeside(settings)) this.#beginBeside(settings);
    else {
      const never = refusalOf(settings);
      if (never === null) this.#goAndCome(settings);
      else onKept(whyOf(never));
    }
    onChanged();
  }

  /** There is room for what waited for it. */
  onEntered(): void {
    if (this.#plan.kind !== "entering") return;
    const { crew } = this.#options;
    const { before } = this.#plan;
    this.#plan = before === null ? NONE : { kind: "trial", before };
    start(crew.serving, crew.settings);
  }

  /**
   * A stop finds a change under way: what was to be run is next, when somebody wants it; nothing is when
   * the engine is taken out, or the program closes.
   */
  beforeStop(cause: StopCause): void {
    const plan = this.#plan;
    this.#dropIncoming();
    const isLast = cause === "reload" || cause === "shutdown";
    if (!isLast && (plan.kind === "beside" || plan.kind === "after")) {
      const then = cause === "restart" ? "start" : "rest";
      this.#plan = { kind: "after", settings: plan.settings, then };
    } else if (cause !== "restart") this.#plan = NONE;
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
    const { crew, onChanged, onTakenOver } = this.#options;
    this.#plan = NONE;
    crew.takeOver(settings);
    onTakenOver();
    onChanged();
  }

  #giveUp(incoming: readonly Member[]): void {
    this.#dropIncoming();
    this.#options.onKept(errorOf(incoming));
    this.#options.onChanged();
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
    this.#plan = NONE;
    crew.install(settings);
    // Who waits is asked again once the room of what ran is given up.
    if (then === "rest") return;
    this.#enter(then === "start" ? before : null);
    onChanged();
  }

  #installAtRest(settings: EngineSettings): void {
    const plan = this.#plan;
    this.#options.crew.install(settings);
    if (plan.kind === "entering") this.#enter(plan.before);
  }

  #enter(before: EngineSettings | null): void {
    const { crew, enterAnew, onKept } = this.#options;
    this.#plan = { kind: "entering", before };
    try {
      if (enterAnew()) this.onEntered();
    } catch (error) {
      this.#plan = NONE;
      onKept(whyOf(toAiEngineError(error)));
      if (before === null) return;
      crew.install(before);
      this.#enter(null);
    }
  }

  #fallBack({ before }: Extract<Plan, { kind: "trial" }>): void {
    const { crew, onChanged, onKept } = this.#options;
    onKept(errorOf(crew.serving));
    if (!crew.isAtRest) {
      this.#plan = { kind: "after", settings: before, then: "return" };
      return stop(crew.serving, "force");
    }
    // It ran before: should it not start now, either, that is told as any start that fails.
    crew.install(before);
    this.#enter(null);
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

function errorOf(instances: readonly Member[]): Why | null {
  return instances.map(({ report }) => report.lastError).find((error) => error !== null) ?? null;
}

function whyOf({ message, remedy }: AiEngineError): Why {
  return { detail: message, remedy };
}

/** Where a start ends that did not come to its end. */
function isFailure(state: StateChange["to"]["name"]): boolean {
  return state === "stopped" || state === "backoff" || state === "failed";
}
