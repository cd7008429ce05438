/**
 * Plays one random schedule and looks at what must hold whatever happens.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { StateEvent } from "../../../src/events/mod.ts";
import type { Delivery } from "../../../src/events/mod.ts";
import { settle } from "../../support/fake_clock.ts";
import { MAX_BACKOFF_MS } from "../../../src/lifecycle/mod.ts";
import { outcome, World } from "../world.ts";
import type { Action, Pause, Plan, Step } from "./steps.ts";

const LIMITS = { startTimeoutMs: 300, graceMs: 50 } as const;
const KILL_LIMIT_MS = 2_000;
const CLOSE_DRAIN_MS = 3_500;
/** Longer than an input may take, in an engine that nothing can end. */
const LONG_ENOUGH_MS = 700_000;

/** One call of somebody, and how far it is. */
interface Call {
  readonly kind: "start" | "input" | "restart" | "stop";
  readonly abort: AbortController;
  /** Number of the process that works on it; `null` while it is held. */
  process: number | null;
  /** What became of it: `ok`, a code of ours, `AbortError`. */
  result: string | undefined;
  /** What must become of it. */
  expected: string | undefined;
}

export class Schedule {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #calls: Call[] = [];
  readonly #faults: string[] = [];
  #reactions: { readonly state: string; readonly actions: readonly Action[] }[] = [];
  #lastChange: { readonly to: string; readonly at: number } = { to: "stopped", at: 0 };
  #isHeld = false;
  /** Processes since the last that was ready, each after one that ended unasked. */
  #retries = 0;
  /** When the close began. */
  #closingAt = Infinity;
  #isQuiet = true;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#world = new World({ ...LIMITS, ...plan.settings });
    const inbox = this.#world.events.subscribe();
    const read = () => {
      for (const delivery of inbox.take()) this.#look(delivery);
      inbox.onNext(read);
    };
    inbox.onNext(read);
  }

  /** Rejects with all that did not hold. */
  async play(): Promise<void> {
    for (const [step, pause] of this.#plan.steps) {
      await this.#take(step);
      await this.#pause(pause);
    }
    await this.#close();
  }

  async #take(step: Step): Promise<void> {
    const { machine, clock } = this.#world;
    switch (step.do) {
      case "wait":
        return await clock.advance(step.ms);
      case "behave": {
        const running = machine.trees.at(-1);
        if (step.who !== "next" && running) Object.assign(running.behaviour, step.change);
        if (step.who !== "running") Object.assign(machine.next, step.change);
        return;
      }
      case "exit":
        return machine.trees.at(-1)?.exit(step.code);
      case "cut":
        return machine.trees.at(-1)?.cut();
      case "set_clock":
        clock.wallStart += step.hours * 3_600_000;
        return;
      case "slow_files":
        machine.fileMs = step.ms;
        return;
      case "when":
        this.#reactions.push(step);
        return;
      default:
        if (step.do === "stop" && this.#isQuiet) this.#expectRefused("stopped_by_user");
        if (step.do === "stop" && step.hold) this.#isHeld = true;
        this.#act(step);
    }
  }

  #act(action: Action): void {
    const { supervisor } = this.#world;
    switch (action.do) {
      case "touch":
        return supervisor.touch("echo");
      case "leave":
        return this.#outstanding.at(action.nth)?.abort.abort();
      case "stop":
        return this.#call(
          "stop",
          ({ abort: { signal } }) =>
            supervisor.stop("echo", { force: action.force, hold: action.hold, signal }),
        );
      case "input":
        return this.#call("input", (call) =>
          supervisor.input("echo", "hello", {
            signal: call.abort.signal,
            onPhase: (phase) => {
              if (phase === "answering") call.process = supervisor.view("echo").restarts;
            },
          }));
      case "start":
        return this.#call("start", ({ abort: { signal } }) => supervisor.start("echo", { signal }));
      case "restart":
        return this.#call(
          "restart",
          ({ abort: { signal } }) => supervisor.restart("echo", { signal }),
        );
    }
  }

  #call(kind: Call["kind"], begin: (call: Call) => Promise<unknown>): void {
    const call: Call = {
      kind,
      abort: new AbortController(),
      process: null,
      result: undefined,
      expected: undefined,
    };
    this.#calls.push(call);
    outcome(begin(call)).then((result) => {
      if (call.result !== undefined) this.#faults.push(`${kind} settled twice`);
      call.result = typeof result === "string" ? result : "ok";
    }, (error) => this.#faults.push(String(error)));
  }

  /** Whoever is held now is to be refused by what comes. */
  #expectRefused(code: string): void {
    for (const call of this.#outstanding) {
      if (call.kind !== "stop" && call.process === null) call.expected = code;
    }
  }

  get #outstanding(): Call[] {
    return this.#calls.filter((call) => call.result === undefined);
  }

  async #pause(pause: Pause): Promise<void> {
    this.#isQuiet = pause === "all";
    if (pause === "some") { for (let i = 0; i < 3; i++) await Promise.resolve(); }
    if (pause !== "all") return;
    await settle();
    this.#lookAround();
  }

  /** What is told of the engine. */
  #look(delivery: Delivery): void {
    if (!("event" in delivery)) return this.#fault("events were lost");
    const { event } = delivery;
    if (event.type === "notice" && event.title === "Internal error") this.#fault(event.detail);
    if (event.type !== "state") return;
    this.#lookAtChange(event);
    this.#lastChange = { to: event.to, at: this.#world.clock.now() };
    const mine = this.#reactions.filter(({ state }) => state === event.to);
    this.#reactions = this.#reactions.filter(({ state }) => state !== event.to);
    for (const { actions } of mine) actions.forEach((action) => this.#act(action));
  }

  #lookAtChange({ from, to, reason, how, view }: StateEvent): void {
    const change = `${from} > ${to} (${reason})`;
    if (from !== this.#lastChange.to) this.#fault(`${change} after ${this.#lastChange.to}`);
    if (view.state !== to) this.#fault(`${change} shows ${view.state}`);
    if (reason === "unhealthy" && this.#plan.settings.liveness === "off") this.#fault(change);
    if (this.#world.clock.now() > this.#latestEnd(from)) this.#fault(`${change} came late`);
    if (reason === "idle" && to === "stopping" && this.#inFlight(view.restarts) > 0) {
      this.#fault("an idle stop with a request in flight");
    }
    if (from === "stopping" && how !== "lost" && this.#world.machine.owned.length > 0) {
      this.#fault(`${change} with a process left`);
    }
    if (to === "ready") this.#retries = 0;
    // That there was no room says nothing of the engine.
    if (reason === "start_failed") this.#retries = Math.max(this.#retries - 1, 0);
    if (to === "backoff" && view.pid !== null) this.#fault("a process in backoff");
    if (to === "starting") {
      const { keep, liveness } = this.#plan.settings;
      const isRuled = keep === "always" || liveness === "restart";
      this.#retries = reason === "retry" ? this.#retries + 1 : 0;
      // After a crash in service three that die before they are ready, and no more.
      if (this.#retries > 3) this.#fault("a fourth retry");
      if (reason === "retry" && !isRuled && view.queued === 0) this.#fault("a retry for nobody");
      if (this.#closingAt < Infinity) this.#fault("a start after the close");
      if (this.#isHeld && reason !== "requested") this.#fault(`${change} while held stopped`);
      this.#isHeld = false;
    }
  }

  /** Until when the engine may be in `state`, which it is in. */
  #latestEnd(state: StateEvent["from"]): number {
    const { at } = this.#lastChange;
    if (state === "starting") return at + LIMITS.startTimeoutMs;
    if (state === "backoff") return at + MAX_BACKOFF_MS;
    if (state === "stopping") return at + 2 * LIMITS.graceMs + KILL_LIMIT_MS;
    if (state !== "draining") return Infinity;
    // Begun by a stop or, where that is earlier, by the close.
    if (at >= this.#closingAt) return at + CLOSE_DRAIN_MS;
    return Math.min(at + this.#plan.settings.drainMs, this.#closingAt + CLOSE_DRAIN_MS);
  }

  /** Requests that process number `process` works on. */
  #inFlight(process: number): number {
    return this.#outstanding.filter((call) => call.process === process).length;
  }

  /** What must be so whenever nothing but time could move anything. */
  #lookAround(): void {
    const view = this.#world.supervisor.view("echo");
    if (view.state === "ready" || view.state === "draining") {
      assertEquals(view.inflight, this.#inFlight(view.restarts), "requests in flight");
    }
    const held = this.#outstanding.filter((call) => call.kind !== "stop" && call.process === null);
    // A restart keeps its place when its caller leaves.
    const mayBeHeld = this.#calls.filter(({ kind, abort }) =>
      kind === "restart" && abort.signal.aborted
    );
    const { queued } = view;
    if (queued < held.length || queued > held.length + mayBeHeld.length) {
      this.#fault(`${queued} are said to be held, not ${held.length}`);
    }
    for (const { kind, expected, result, abort } of this.#calls) {
      const hasLeft = abort.signal.aborted && result === "AbortError";
      if (expected !== undefined && !hasLeft) {
        assertEquals(result, expected, `what became of a held ${kind}`);
      }
      if (result === "internal") this.#fault(`${kind} met an internal error`);
    }
    if (this.#world.machine.mostAtOnce > 1) this.#fault("two processes at once");
    assertEquals(this.#faults, []);
  }

  async #close(): Promise<void> {
    const { clock, machine, supervisor } = this.#world;
    await this.#pause("all");
    this.#expectRefused("shutting_down");
    this.#closingAt = clock.now();
    const report = supervisor.shutdown({ force: this.#plan.forced });
    await this.#pause("all");
    await clock.advance(LONG_ENOUGH_MS);
    this.#lookAround();
    assertEquals(this.#outstanding.map(({ kind }) => kind), [], "calls that never settled");
    assertEquals(clock.timers, 0, "timers left");
    const isEndable = !machine.trees.some((tree) => tree.hasOutlivedKill);
    if (isEndable) {
      assertEquals(machine.trees.filter((tree) => tree.hasLife).length, 0, "processes left");
      assertEquals((await report).clean, true, "a clean close");
    }
    assertEquals(await outcome(supervisor.start("echo")), "shutting_down");
    assertEquals(supervisor.view("echo").state, "stopped");
  }

  #fault(text: string): void {
    this.#faults.push(`${text} at ${this.#world.clock.now()} ms`);
  }
}
