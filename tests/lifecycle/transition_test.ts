import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  createLifecycle,
  type Effect,
  IllegalEventError,
  INITIAL_STATE,
  type LifecycleEvent,
  type LifecycleLimits,
  type LifecycleState,
  type WantedBy,
} from "../../src/lifecycle/mod.ts";
import { type ExitStatus, SpawnError } from "../../src/core/mod.ts";
import { LIMITS } from "../support/lifecycle_limits.ts";

const EXIT_0 = { code: 0, osSignal: null };
const EXIT_3 = { code: 3, osSignal: null };
const USER_STOP = { type: "stop", cause: "user", urgency: "drain", wakes: "on_demand" } as const;
const CLOSE = { type: "stop", cause: "shutdown", urgency: "drain", wakes: "never" } as const;

const want = (by: WantedBy, until = Infinity): LifecycleEvent => ({ type: "want", by, until });
/** The process ends by itself; half way between the shortest and the longest wait for the next. */
const exited = (generation: number, exit: ExitStatus): LifecycleEvent => ({
  type: "exited",
  generation,
  exit,
  chance: 0.5,
});

/** Drives the machine and keeps what it asked for. */
class Drive {
  state: LifecycleState = INITIAL_STATE;
  effects: Effect[] = [];
  now = 0;
  readonly machine;

  constructor(limits: Partial<LifecycleLimits> = {}) {
    this.machine = createLifecycle({ ...LIMITS, ...limits });
  }

  do(event: LifecycleEvent, afterMs = 0): this {
    this.now += afterMs;
    const step = this.machine.transition(this.state, event, this.now);
    this.state = step.state;
    this.effects = [...step.effects];
    return this;
  }

  /** Lets time pass until the state's deadline and tells it so. */
  expire(waiting: "start" | "input" | "request" | null = null): this {
    const deadline = this.machine.deadlineOf(this.state);
    assert(deadline !== null, `${this.state.name} has no deadline`);
    this.now = Math.max(this.now, deadline);
    return this.do({ type: "deadline", waiting });
  }

  start(): this {
    return this.do(want("start"));
  }

  ready(): this {
    return this.start().do({ type: "ready", generation: this.state.generation + 0 });
  }

  get kinds(): string[] {
    return this.effects.map((effect) => effect.type);
  }
}

const gone = (generation: number, waiting: "start" | "input" | "request" | null = null) =>
  ({ type: "gone", generation, waiting }) as const;

Deno.test("transition() spawns once however many want the engine", () => {
  const drive = new Drive().start();
  assertEquals(drive.kinds, ["spawn", "hold"]);
  for (const by of ["start", "input", "request"] as const) {
    drive.do(want(by));
    assertEquals(drive.kinds, ["hold"]);
    assertEquals(drive.state.generation, 1);
  }
});

Deno.test("transition() grants at once when the engine is ready, and counts a request but no start", () => {
  const drive = new Drive().ready();
  drive.do(want("start"));
  assertEquals(drive.kinds, ["grant"]);
  drive.do(want("input"));
  assert(drive.state.name === "ready");
  assertEquals(drive.state.work.inflight, 1);
});

Deno.test("transition() stops an idle engine when the idle limit has passed since the last request", () => {
  const drive = new Drive().ready().do(want("input"), 1_000);
  assertEquals(drive.machine.deadlineOf(drive.state), null);
  drive.do({ type: "release", generation: 1 }, 60_000);
  assertEquals(drive.machine.deadlineOf(drive.state), 61_000 + 300_000);
  drive.expire();
  assert(drive.state.name === "stopping");
  assertEquals([drive.state.reason, drive.state.step, drive.kinds], ["idle", "asking", [
    "ask_stop",
  ]]);
});

Deno.test("transition() keeps a busy engine, and only as long as the poll that said so is young", () => {
  const drive = new Drive({ idleTimeoutMs: 10_000 }).ready();
  drive.do({ type: "polled", generation: 1, busy: true }, 9_000);
  assertEquals(drive.machine.deadlineOf(drive.state), 9_000 + 3_000 + 10_000);
  drive.do({ type: "polled", generation: 1, busy: false }, 1_000);
  assertEquals(drive.machine.deadlineOf(drive.state), 10_000 + 10_000);
});

Deno.test("transition() takes a poll that is not busy for no activity", () => {
  const drive = new Drive().ready();
  const before = drive.machine.deadlineOf(drive.state);
  drive.do({ type: "polled", generation: 1, busy: false }, 5_000);
  assertEquals(drive.machine.deadlineOf(drive.state), before);
});

Deno.test("transition() with idle time-out 0 stops as soon as idle, with -1 never", () => {
  const soon = new Drive({ idleTimeoutMs: 0 }).ready();
  assertEquals(soon.machine.deadlineOf(soon.state), soon.now);
  const never = new Drive({ idleTimeoutMs: -1 }).ready();
  assertEquals(never.machine.deadlineOf(never.state), null);
});

Deno.test("transition() lets the last word of a request on the time after it win for this process", () => {
  const drive = new Drive().ready().do(want("request"), 1_000).do(want("request"));
  drive.do({ type: "release", generation: 1, keepAliveMs: 7_000 });
  assertEquals(drive.machine.deadlineOf(drive.state), null);
  drive.do({ type: "release", generation: 1 }, 1_000);
  assertEquals(drive.machine.deadlineOf(drive.state), 2_000 + 7_000);
  drive.do({ type: "touch" }, 1_000);
  assertEquals(drive.machine.deadlineOf(drive.state), 3_000 + 7_000);
  drive.do(want("input")).do({ type: "release", generation: 1, keepAliveMs: -1 });
  assertEquals(drive.machine.deadlineOf(drive.state), null);
  drive.do(want("input")).do({ type: "release", generation: 1, keepAliveMs: 0 });
  drive.expire();
  assertEquals([drive.state.name, drive.state.reason, drive.now], ["stopping", "idle", 3_000]);
  drive.do(want("request")).do(exited(1, EXIT_0)).do(gone(1, "request"));
  drive.do({ type: "ready", generation: 2 });
  assertEquals(drive.machine.deadlineOf(drive.state), drive.now + 300_000);
});

Deno.test("transition() never stops a kept engine for being idle, whatever requests say", () => {
  const drive = new Drive({ keep: "always", idleTimeoutMs: 0 }).ready();
  assertEquals(drive.machine.deadlineOf(drive.state), null);
  drive.do(want("request")).do({ type: "release", generation: 1, keepAliveMs: 0 });
  assertEquals(drive.machine.deadlineOf(drive.state), null);
  drive.do({ type: "deadline", waiting: null }, 1_000_000);
  assertEquals(drive.state.name, "ready");
});

Deno.test("transition() holds the request that comes in the very instant of the idle stop, and starts again", () => {
  const drive = new Drive().ready().expire();
  assertEquals(drive.state.name, "stopping");
  drive.do(want("request"));
  assertEquals(drive.kinds, ["hold"]);
  drive.do(exited(1, EXIT_0)).do(gone(1, "request"));
  assertEquals([drive.state.name, drive.state.reason, drive.state.generation], [
    "starting",
    "request",
    2,
  ]);
  assertEquals(drive.effects, [{ type: "spawn", generation: 2 }]);
});

Deno.test("transition() goes down the ladder: asked, SIGTERM, SIGKILL, each after the grace", () => {
  const drive = new Drive().ready().do(USER_STOP);
  assertEquals(drive.kinds, ["refuse_held", "ask_stop"]);
  const asked = drive.now;
  drive.expire();
  assertEquals([drive.now - asked, drive.effects], [500, [
    { type: "signal", generation: 1, osSignal: "SIGTERM" },
  ]]);
  drive.expire();
  assertEquals([drive.now - asked, drive.effects], [1_000, [
    { type: "signal", generation: 1, osSignal: "SIGKILL" },
  ]]);
  drive.do(exited(1, { code: 137, osSignal: "SIGKILL" }));
  assert(drive.state.name === "stopping");
  assertEquals(drive.state.how, "killed");
});

Deno.test("transition() goes to SIGTERM at once when the engine has no /stop", () => {
  const drive = new Drive().ready().do(USER_STOP).do({ type: "stop_unavailable", generation: 1 });
  assertEquals(drive.effects, [{ type: "signal", generation: 1, osSignal: "SIGTERM" }]);
});

Deno.test("transition() keeps the kill of the group when the leader exits first", () => {
  const drive = new Drive().ready().do(USER_STOP).do(exited(1, EXIT_0));
  assertEquals(drive.effects, [{ type: "signal", generation: 1, osSignal: "SIGTERM" }]);
  drive.expire();
  assertEquals(drive.effects, [{ type: "signal", generation: 1, osSignal: "SIGKILL" }]);
  drive.do(gone(1));
  assertEquals([drive.state.name, drive.state.reason], ["stopped", "requested"]);
});

Deno.test("transition() calls a process that outlives SIGKILL lost and goes on", () => {
  const drive = new Drive().ready().do(USER_STOP).expire().expire().expire();
  assertEquals(drive.state.name, "stopped");
  drive.do(exited(1, EXIT_0)).do(gone(1));
  assertEquals(drive.state.name, "stopped");
});

Deno.test("transition() drains: no new request, those in flight may end, then it stops", () => {
  const drive = new Drive().ready().do(want("input")).do(USER_STOP);
  assertEquals(drive.state.name, "draining");
  drive.do(want("input"));
  assertEquals(drive.kinds, ["hold"]);
  drive.do({ type: "release", generation: 1 });
  assertEquals([drive.state.name, drive.kinds], ["stopping", ["ask_stop"]]);
});

Deno.test("transition() ends a drain at its limit, at once when forced", () => {
  const late = new Drive().ready().do(want("input")).do(USER_STOP);
  const begun = late.now;
  late.expire();
  assertEquals([late.now - begun, late.state.name], [5_000, "stopping"]);
  const forced = new Drive().ready().do(want("input")).do(USER_STOP);
  forced.do({ ...USER_STOP, urgency: "force" });
  assertEquals([forced.state.name, forced.kinds], ["stopping", ["refuse_held", "ask_stop"]]);
});

Deno.test("transition() drains for the close's own limit when the program closes", () => {
  const drive = new Drive().ready().do(want("input")).do(CLOSE);
  assertEquals(drive.machine.deadlineOf(drive.state), drive.now + 3_500);
  drive.do(want("start"));
  assertEquals(drive.effects, [{ type: "refuse", refusal: { kind: "shutting_down" } }]);
});

Deno.test("transition() cuts a drain that is under way to the close's own when the program closes", () => {
  const drive = new Drive().ready().do(want("input")).do(USER_STOP);
  drive.do(CLOSE, 100);
  assertEquals(drive.machine.deadlineOf(drive.state), drive.now + 3_500);
  drive.do(CLOSE, 100);
  assertEquals(drive.machine.deadlineOf(drive.state), drive.now + 3_400, "never put off");
  assertEquals([drive.expire().state.reason, drive.kinds], ["shutdown", ["ask_stop"]]);
});

Deno.test("transition() refuses those a user's stop finds held, and keeps those of a restart", () => {
  const stopped = new Drive().start().do(USER_STOP);
  assertEquals(stopped.effects, [
    { type: "refuse_held", refusal: { kind: "stopped_by_user" } },
    { type: "signal", generation: 1, osSignal: "SIGTERM" },
  ]);
  const restarted = new Drive().start().do({ ...USER_STOP, cause: "restart" });
  assertEquals(restarted.kinds, ["signal"]);
});

Deno.test("transition() starts again for a start during a stop", () => {
  const drive = new Drive().ready().do(USER_STOP).start();
  assertEquals(drive.kinds, ["hold"]);
  drive.do(exited(1, EXIT_0)).do(gone(1, "start"));
  assertEquals([drive.state.name, drive.state.generation], ["starting", 2]);
});

Deno.test("transition() lets nothing but a start by hand wake an engine that is held stopped", () => {
  const drive = new Drive().ready().do({ ...USER_STOP, wakes: "by_hand" });
  drive.do(want("request"));
  assertEquals(drive.effects, [{ type: "refuse", refusal: { kind: "stopped_by_user" } }]);
  drive.do(exited(1, EXIT_0)).do(gone(1));
  drive.do(want("input"));
  assertEquals(drive.effects, [{ type: "refuse", refusal: { kind: "stopped_by_user" } }]);
  drive.do(USER_STOP).do(want("input"));
  assertEquals(drive.kinds, ["refuse"], "a plain stop does not lift the hold");
  drive.start();
  assertEquals(drive.kinds, ["spawn", "hold"]);
});

Deno.test("transition() does not try again when nobody waits", () => {
  const drive = new Drive().start().do(exited(1, EXIT_3)).do(gone(1));
  assert(drive.state.name === "stopped");
  assertEquals([drive.state.reason, drive.state.failure?.kind], ["crash", "crashed"]);
});

Deno.test("transition() tells an exit 0 after ready from a crash", () => {
  const done = new Drive().ready().do(exited(1, EXIT_0)).do(gone(1));
  assertEquals(done.state.reason, "exit");
  const crashed = new Drive().ready().do(exited(1, EXIT_3));
  assertEquals(crashed.do(gone(1)).state.reason, "crash");
});

Deno.test("transition() kills at the start limit and says whether the health path answered", () => {
  const silent = new Drive().start().expire();
  assertEquals(silent.effects, [{ type: "signal", generation: 1, osSignal: "SIGKILL" }]);
  silent.do(gone(1, "start"));
  assert(silent.state.name === "failed");
  assertEquals(silent.state.failure, { kind: "start_timeout" });
  const sick = new Drive().start().do({ type: "not_yet", generation: 1, status: 500 }).expire();
  sick.do(gone(1, "start"));
  assert(sick.state.name === "failed");
  assertEquals(sick.state.failure, { kind: "health_failed", status: 500 });
});

Deno.test("transition() fails when the process can't be spawned", () => {
  const error = new SpawnError({ detail: "no", remedy: "none" });
  const drive = new Drive().start().do({
    type: "spawn_failed",
    generation: 1,
    error,
    chance: 0,
    waiting: "start",
  });
  assertEquals([drive.state.name, drive.state.reason, drive.kinds], ["failed", "start_failed", [
    "refuse_held",
  ]]);
});

Deno.test("transition() leaves failed at once for a start or an input, for a request only after 30 s", () => {
  const failed = () => new Drive().start().expire().do(gone(1));
  assertEquals(failed().do(want("input")).kinds, ["spawn", "hold"]);
  const drive = failed().do(want("request"), 10_000);
  assertEquals(drive.effects, [{
    type: "refuse",
    refusal: { kind: "failure", failure: { kind: "start_timeout" }, retryAfterMs: 20_000 },
  }]);
  assertEquals(drive.do(want("request"), 20_000).kinds, ["spawn", "hold"]);
});

Deno.test("transition() drops what a dead process reports late", () => {
  const drive = new Drive().ready().do(USER_STOP).do(exited(1, EXIT_0));
  drive.do(gone(1, "start"));
  const before = drive.state;
  for (
    const late of [
      { type: "ready", generation: 1 },
      exited(1, EXIT_3),
      gone(1),
      { type: "release", generation: 1 },
    ] as const
  ) {
    assertEquals(drive.do(late).state, before);
    assertEquals(drive.effects, []);
  }
});

Deno.test("transition() throws for an event without a row", () => {
  assertThrows(() => new Drive().do({ type: "ready", generation: 0 }), IllegalEventError);
});

Deno.test("transition() lets nothing wake an engine once the program closes", () => {
  const drive = new Drive().do(CLOSE);
  for (const by of ["start", "input", "request"] as const) {
    drive.do(want(by));
    assertEquals(drive.effects, [{ type: "refuse", refusal: { kind: "shutting_down" } }]);
  }
});

Deno.test("transition() kills at once when the close has reached its limit", () => {
  const drive = new Drive().ready().do(CLOSE).do({ ...CLOSE, urgency: "kill" });
  assertEquals(drive.effects.at(-1), { type: "signal", generation: 1, osSignal: "SIGKILL" });
});

Deno.test("transition() lets a job end in a process whose place is taken; a stop by a user does not wait for it", () => {
  for (const [cause, state] of [["reload", "draining"], ["user", "stopping"]] as const) {
    const drive = new Drive();
    drive.do(want("start")).do({ type: "ready", generation: 1 });
    drive.do({ type: "polled", generation: 1, busy: true });
    drive.do({ type: "stop", cause, urgency: "drain", wakes: "on_demand" });
    assertEquals(drive.state.name, state);
  }
});
