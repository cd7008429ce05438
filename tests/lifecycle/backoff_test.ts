import { assert, assertEquals } from "@std/assert";
import {
  createLifecycle,
  type Effect,
  INITIAL_STATE,
  type LifecycleEvent,
  type LifecycleLimits,
  type LifecycleState,
  MAX_DEAD_STARTS,
  type WantedBy,
} from "../../src/lifecycle/mod.ts";
import { SpawnError, type SpawnFault } from "../../src/core/mod.ts";
import { LIMITS } from "../support/lifecycle_limits.ts";

/** An engine whose every wait is the shortest. */
class Life {
  state: LifecycleState = INITIAL_STATE;
  effects: readonly Effect[] = [];
  now = 0;
  readonly #machine;

  constructor(limits: Partial<LifecycleLimits> = {}) {
    this.#machine = createLifecycle({ ...LIMITS, ...limits });
  }

  do(event: LifecycleEvent): this {
    const step = this.#machine.transition(this.state, event, this.now);
    this.state = step.state;
    this.effects = step.effects;
    return this;
  }

  want(by: WantedBy, until = Infinity): this {
    return this.do({ type: "want", by, until });
  }

  ready(): this {
    return this.want("start").do({ type: "ready", generation: this.state.generation + 0 });
  }

  /** The process ends, and nothing of it is left. */
  exit(code: number, waiting: WantedBy | null): this {
    const { generation } = this.state;
    this.do({ type: "exited", generation, exit: { code, osSignal: null }, chance: 0 });
    return this.do({ type: "gone", generation, waiting });
  }

  /** The process can't be made. */
  notSpawned(fault: SpawnFault, waiting: WantedBy | null): this {
    const error = new SpawnError({ detail: "no", remedy: "none" }, fault);
    const { generation } = this.state;
    return this.do({ type: "spawn_failed", generation, error, chance: 0, waiting });
  }

  /** Time passes until the deadline, and it comes. */
  expire(waiting: WantedBy | null): this {
    const deadline = this.#machine.deadlineOf(this.state);
    assert(deadline !== null, `${this.state.name} has no deadline`);
    this.now = deadline;
    return this.do({ type: "deadline", waiting });
  }

  get told(): string {
    return `${this.state.name}(${this.state.reason})`;
  }

  get kinds(): string[] {
    return this.effects.map(({ type }) => type);
  }
}

const STOP = { type: "stop", cause: "user", urgency: "drain", wakes: "on_demand" } as const;
const RESTART = { ...STOP, cause: "restart" } as const;

Deno.test("a process that dies before it is ready is followed by others, ever later, then it fails", () => {
  const life = new Life().want("start");
  for (const waitMs of [500, 1_000]) {
    life.exit(3, "start");
    assertEquals(life.told, "backoff(crash)");
    const began = life.now;
    life.expire("start");
    assertEquals([life.told, life.kinds], ["starting(retry)", ["spawn"]]);
    assert(life.now - began > 0.98 * waitMs && life.now - began <= waitMs);
  }
  life.exit(3, "start");
  assertEquals([life.told, life.kinds], ["failed(crash)", ["refuse_held"]]);
  assertEquals(life.state.generation, MAX_DEAD_STARTS);
});

Deno.test("exit 0 before it is ready is no better", () => {
  const life = new Life().want("input");
  for (let i = 1; i < MAX_DEAD_STARTS; i++) life.exit(0, "input").expire("input");
  assertEquals(life.exit(0, "input").told, "failed(crash)");
});

Deno.test("a process that there is no room for is tried again while somebody waits, ever later", () => {
  for (const fault of ["descriptors", "processes", "memory"] as const) {
    const life = new Life().want("input");
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      life.notSpawned(fault, "input");
      assertEquals([life.told, life.kinds], ["backoff(start_failed)", ["refuse_impatient"]]);
      const began = life.now;
      assertEquals(life.expire("input").told, "starting(retry)");
      waits.push(life.now - began);
    }
    const [first, ...later] = waits;
    assertEquals([first, later.slice(0, 4).every((ms, i) => ms > (waits[i] ?? 0))], [500, true]);
    assert(Math.max(...waits) > 10_000 && Math.max(...waits) <= 15_000);
  }
});

Deno.test("a lack of room does not count as a try of the engine", () => {
  const life = new Life().want("input");
  for (let i = 1; i < MAX_DEAD_STARTS; i++) {
    life.exit(1, "input").expire("input").notSpawned("memory", "input").expire("input");
  }
  assertEquals(life.exit(1, "input").told, "failed(crash)");
});

Deno.test("a process that there is no room for rests when nobody waits, unless it is kept", () => {
  const life = new Life().want("input").notSpawned("processes", null);
  assertEquals(life.told, "stopped(start_failed)");
  life.want("request", 499);
  assertEquals(life.kinds, ["refuse"]);
  assertEquals(life.want("request").told, "backoff(request)");
  assertEquals(life.expire(null).told, "stopped(start_failed)");
  const kept = new Life({ keep: "always" }).want("input").notSpawned("processes", null);
  assertEquals(kept.expire(null).told, "starting(retry)");
});

Deno.test("a program that can't be run fails at once, also where it is kept", () => {
  const life = new Life({ keep: "always" }).want("input").notSpawned("program", "input");
  assertEquals([life.told, life.kinds], ["failed(start_failed)", ["refuse_held"]]);
});

Deno.test("a start after it has failed has all tries again", () => {
  const life = new Life().want("input");
  for (let i = 1; i < MAX_DEAD_STARTS; i++) life.exit(0, "input").expire("input");
  life.exit(0, "input").want("input");
  assertEquals(life.told, "starting(input)");
  assertEquals(life.exit(1, "input").told, "backoff(crash)");
});

Deno.test("after a crash nobody waits for it rests; who comes before the time is held until then", () => {
  const life = new Life().ready().exit(1, null);
  assertEquals(life.told, "stopped(crash)");
  life.want("request");
  assertEquals([life.told, life.kinds], ["backoff(request)", ["hold"]]);
  assertEquals(life.expire("request").told, "starting(retry)");
  assertEquals(life.now, 500);
});

Deno.test("who comes later than the backoff starts it at once", () => {
  const life = new Life().ready().exit(1, null);
  life.now = 500;
  assertEquals(life.want("request").told, "starting(request)");
});

Deno.test("who does not wait until the next try is told when it comes", () => {
  const life = new Life().ready().exit(1, null);
  life.want("request", 499);
  assertEquals(life.told, "stopped(crash)");
  const refusal = { kind: "backoff", failure: crashed(1), retryAfterMs: 500 } as const;
  assertEquals(life.effects, [{ type: "refuse", refusal }]);
  life.want("request").want("request", 499);
  assertEquals([life.told, life.effects], ["backoff(request)", [{ type: "refuse", refusal }]]);
});

Deno.test("those who are held when the backoff begins and do not wait that long are told so", () => {
  const life = new Life().want("input").exit(1, "input");
  const [effect] = life.effects;
  assert(effect?.type === "refuse_impatient" && effect.refusal.kind === "backoff");
  assertEquals([effect.at, effect.refusal.retryAfterMs], [500, 500]);
});

Deno.test("a backoff at whose end nobody waits any more ends at rest", () => {
  const life = new Life().want("input").exit(1, "input").expire(null);
  assertEquals([life.told, life.kinds], ["stopped(crash)", []]);
});

Deno.test("a start by hand does not wait for the end of the backoff, and keeps the others", () => {
  for (
    const life of [new Life().ready().exit(1, null), new Life().want("input").exit(1, "input")]
  ) {
    life.want("start");
    assertEquals([life.told, life.kinds, life.now], ["starting(requested)", ["spawn", "hold"], 0]);
  }
});

Deno.test("a stop in backoff refuses who is held and ends at rest; a restart starts at once", () => {
  const life = new Life().want("input").exit(1, "input").do(STOP);
  assertEquals([life.told, life.kinds], ["stopped(requested)", ["refuse_held"]]);
  const again = new Life().want("input").exit(1, "input").do(RESTART);
  assertEquals([again.told, again.kinds], ["backoff(crash)", []]);
  assertEquals(again.want("start").told, "starting(requested)");
});

Deno.test("the close in backoff lets nobody wake it", () => {
  const life = new Life({ keep: "always" }).ready().exit(1, null);
  life.do({ ...STOP, cause: "shutdown", wakes: "never" });
  assertEquals(life.told, "stopped(shutdown)");
  assertEquals(life.want("start").kinds, ["refuse"]);
});

Deno.test("a stop while a crash is cleaned up wins over the retry", () => {
  const life = new Life({ keep: "always" }).ready();
  life.do({ type: "exited", generation: 1, exit: { code: 1, osSignal: null }, chance: 0 });
  life.do(STOP).do({ type: "gone", generation: 1, waiting: null });
  assertEquals(life.told, "stopped(requested)");
});

Deno.test("a kept engine is started again whatever its exit, though nobody waits, without end", () => {
  for (const code of [0, 1]) {
    const life = new Life({ keep: "always" }).ready();
    for (let i = 0; i < 20; i++) {
      life.exit(code, null);
      assertEquals(life.told, `backoff(${code === 0 ? "exit" : "crash"})`);
      life.expire(null);
      assertEquals(life.told, "starting(retry)");
      life.do({ type: "ready", generation: life.state.generation });
    }
  }
});

Deno.test("exit 0 of an engine that is not kept: at rest, and at once again for who waits", () => {
  assertEquals(new Life().ready().exit(0, null).told, "stopped(exit)");
  assertEquals(new Life().ready().exit(0, "request").told, "starting(request)");
});

Deno.test("the wait is short again after a good run", () => {
  const life = new Life({ keep: "always" }).ready();
  for (let i = 0; i < 5; i++) {
    life.exit(1, null).expire(null).do({ type: "ready", generation: life.state.generation });
  }
  life.now += 60_000;
  const died = life.now;
  assertEquals(life.exit(1, null).expire(null).now - died, 500);
});

Deno.test("an engine that does not answer is ended and replaced though nobody waits, but not for ever", () => {
  const life = new Life().ready();
  const hang = () => {
    const { generation } = life.state;
    life.do({ type: "unhealthy", generation, chance: 0 });
    assertEquals([life.told, life.effects], ["stopping(unhealthy)", [
      { type: "signal", generation, osSignal: "SIGTERM" },
    ]]);
    const exit = { code: 143, osSignal: "SIGTERM" };
    life.do({ type: "exited", generation, exit, chance: 0 });
    return life.do({ type: "gone", generation, waiting: null }).told;
  };
  for (let i = 0; i < 3; i++) {
    assertEquals(hang(), "backoff(unhealthy)");
    life.expire(null).do({ type: "ready", generation: life.state.generation });
    assertEquals(life.state.reason, "retry");
  }
  assertEquals(hang(), "stopped(unhealthy)");
});

function crashed(code: number) {
  return { kind: "crashed", exit: { code, osSignal: null }, during: "service" } as const;
}
