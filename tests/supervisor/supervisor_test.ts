import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LifecycleError, RequestError } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { GOOD } from "../support/fake_engine.ts";
import { outcome, World } from "./world.ts";

Deno.test("start() shares one spawn among all who ask at once", async () => {
  const world = new World();
  const views = Promise.all([1, 2, 3].map(() => world.supervisor.start("echo")));
  await world.clock.advance(100);
  assertEquals((await views).map((view) => view.state), ["ready", "ready", "ready"]);
  assertEquals(world.machine.trees.length, 1);
  await world.supervisor.start("echo");
  assertEquals(world.machine.trees.length, 1);
});

Deno.test("start() gives the engine its socket and a run id of its own", async () => {
  const world = new World({ command: ["echo", "--socket=${SOCKET}"] });
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  const { spec } = world.machine.newest;
  assertEquals(spec.argv, ["echo", "--socket=/run/echo.sock"]);
  assertEquals(spec.env.AI_ENGINE_SOCKET, "/run/echo.sock");
  assertEquals(spec.runId, "b007-echo-1");
});

Deno.test("start() of an unknown engine names those there are", async () => {
  const world = new World();
  const error = await world.supervisor.start("../x").catch((error) => error);
  assert(error instanceof RequestError);
  assertEquals(error.code, "unknown_engine");
  assertStringIncludes(error.message, "echo");
});

Deno.test("a caller that leaves gives up its place; the start goes on", async () => {
  const world = new World();
  world.machine.next.health = null;
  const leaving = new AbortController();
  const left = outcome(world.supervisor.start("echo", { signal: leaving.signal }));
  await world.clock.advance(5);
  assertEquals(world.supervisor.view("echo").queued, 1);
  leaving.abort();
  assertEquals(await left, "AbortError");
  assertEquals([world.supervisor.view("echo").queued, world.state], [0, "starting"]);
  world.machine.newest.behaviour.health = 200;
  await world.clock.advance(50);
  assertEquals(world.state, "ready");
});

Deno.test("a caller that has left before it asks starts nothing", async () => {
  const world = new World();
  const signal = AbortSignal.abort();
  assertEquals(await outcome(world.supervisor.input("echo", "x", { signal })), "AbortError");
  assertEquals(world.machine.trees.length, 0);
});

Deno.test("input() starts a stopped engine, and tells everybody of the answer", async () => {
  const world = new World();
  const phases: string[] = [];
  const answered = world.supervisor.input("echo", "hello", {
    onPhase: (phase) => phases.push(phase),
  });
  await world.clock.advance(10);
  assertEquals((await answered).json.message, "You said so");
  assertEquals(phases, ["starting", "answering"]);
  const told = world.published.find((event) => event.type === "python_input");
  assert(told?.type === "python_input");
  assertEquals([told.input, told.message, told.count], ["hello", "You said so", 1]);
});

Deno.test("input() tells at most 4 KiB of a text and says that it was cut", async () => {
  const world = new World();
  const text = "é".repeat(3_000);
  const answered = world.supervisor.input("echo", text);
  await world.clock.advance(10);
  await answered;
  const told = world.published.find((event) => event.type === "python_input");
  assert(told?.type === "python_input");
  assertEquals([told.input, told.cut], ["é".repeat(2_048), ["input"]]);
});

Deno.test("input() while starting waits for that start; while stopping for the next one", async () => {
  const world = new World();
  world.machine.next.health = null;
  const first = outcome(world.supervisor.input("echo", "a"));
  await world.clock.advance(5);
  world.machine.newest.behaviour.health = 200;
  await world.clock.advance(30);
  await first;
  assertEquals(world.machine.trees.length, 1);

  world.machine.next = { ...GOOD };
  world.machine.newest.behaviour.stop = "ignored";
  const stopped = world.supervisor.stop("echo");
  await settle();
  assertEquals(world.state, "stopping");
  const second = world.supervisor.input("echo", "b");
  await world.clock.advance(600);
  assertEquals([(await second).status, (await stopped).state], [200, "starting"]);
  assertEquals(world.machine.trees.length, 2);
});

Deno.test("an idle engine is stopped and everybody is told the reason", async () => {
  const world = new World({ idleTimeoutMs: 5_000 });
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  await world.clock.advance(5_100);
  assertEquals(world.changes.at(-1), "stopping>stopped(idle)");
});

Deno.test("a request in the instant of the idle stop is served, after a restart", async () => {
  const world = new World({ idleTimeoutMs: 5_000 });
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  let late: Promise<{ status: number }> | undefined;
  const inbox = world.events.subscribe();
  inbox.onNext(function look() {
    const isStopping = inbox.take().some((one) =>
      "event" in one && one.event.type === "state" && one.event.to === "stopping"
    );
    if (isStopping) late = world.supervisor.input("echo", "just now");
    else inbox.onNext(look);
  });
  await world.clock.advance(5_100);
  assertEquals((await late)?.status, 200);
  assertEquals(world.machine.trees.length, 2);
});

Deno.test("an engine that says it is busy is not stopped for idleness", async () => {
  const world = new World({ idleTimeoutMs: 5_000 });
  world.machine.next.busy = true;
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  await world.clock.advance(60_000);
  assertEquals(world.state, "ready");
  world.machine.newest.behaviour.busy = false;
  await world.clock.advance(6_100);
  assertEquals(world.state, "stopped");
});

Deno.test("nothing counts down while an engine is busy; then the whole idle time does", async () => {
  const world = new World({ idleTimeoutMs: 60_000 });
  world.machine.next.busy = true;
  const started = world.supervisor.start("echo");
  await world.clock.advance(5_000);
  await started;
  assertEquals(world.supervisor.view("echo").stopsAt, null);
  world.machine.newest.behaviour.busy = false;
  await world.clock.advance(1_000);
  assertEquals(world.supervisor.view("echo").stopsAt, "2025-01-01T00:01:06.000Z");
});

Deno.test("setting the wall clock stops nothing, and moves what is shown", async () => {
  const world = new World({ idleTimeoutMs: 60_000 });
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  const before = Date.parse((await started).stopsAt ?? "");
  for (const hours of [24, -24]) {
    world.clock.wallStart += hours * 3_600_000;
    await world.clock.advance(1_000);
    assertEquals(world.state, "ready");
  }
  world.clock.wallStart += 3_600_000;
  const after = Date.parse(world.supervisor.view("echo").stopsAt ?? "");
  assertEquals(after - before, 3_600_000);
});

Deno.test("an engine without /status is noticed once and asked no more", async () => {
  const world = new World();
  world.machine.next.status = 404;
  const started = world.supervisor.start("echo");
  await world.clock.advance(10_000);
  await started;
  assertEquals(world.notices(), ["No live status"]);
  assertEquals(world.machine.seen.filter((line) => line === "GET /status").length, 1);
});

Deno.test("failing polls are told once per streak and are never fatal", async () => {
  const world = new World();
  world.machine.next.status = 500;
  const started = world.supervisor.start("echo");
  await world.clock.advance(5_000);
  await started;
  world.machine.newest.behaviour.status = 200;
  await world.clock.advance(2_000);
  world.machine.newest.behaviour.status = 500;
  await world.clock.advance(5_000);
  assertEquals([world.state, world.notices()], ["ready", [
    "Status poll failed",
    "Status poll failed",
  ]]);
});

Deno.test("a start that times out says so with the last lines and leaves no process", async () => {
  const world = new World();
  world.machine.next.health = null;
  const failed = world.supervisor.start("echo").catch((error) => error);
  await world.clock.advance(100);
  world.machine.newest.print("loading model\nout of cheese\n");
  await world.clock.advance(10_000);
  const error = await failed;
  assert(error instanceof LifecycleError);
  assertEquals([error.code, error.title], ["start_timeout", "Socket startup timeout"]);
  assertEquals(error.lastLines, ["loading model", "out of cheese"]);
  assertEquals([world.machine.live, world.machine.newest.signals], [0, ["SIGKILL"]]);
  assertEquals(world.supervisor.view("echo").lastError?.code, "start_timeout");
});

Deno.test("a health path that never answers 200 is told from silence", async () => {
  const world = new World();
  world.machine.next.health = 500;
  const error = world.supervisor.start("echo").catch((error) => error);
  await world.clock.advance(10_100);
  assertEquals((await error).code, "health_failed");
  assertStringIncludes((await error).message, "500");
});

Deno.test("a process that can't be spawned fails the start, and the next start tries again", async () => {
  const world = new World();
  world.machine.next.spawn = "fails";
  assertEquals(await outcome(world.supervisor.start("echo")), "spawn_failed");
  assertEquals(world.state, "failed");
  const told = world.supervisor.view("echo").lastError;
  await world.clock.advance(1_000);
  assertEquals((await world.supervisor.stop("echo")).lastError, told);
  world.machine.next = { ...GOOD };
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  assertEquals((await started).state, "ready");
});

Deno.test("an input whose engine dies gets crashed; those held get the next process", async () => {
  const world = new World();
  world.machine.next.input = "hangs";
  const cut = world.supervisor.input("echo", "a").catch((error) => error);
  await world.clock.advance(10);
  world.machine.next = { ...GOOD };
  world.machine.newest.print("segfault at 0\n");
  await settle();
  world.machine.newest.exit(139, "SIGSEGV");
  await settle();
  const next = world.supervisor.input("echo", "b");
  await world.clock.advance(1_000);
  const error = await cut;
  assertEquals([error.code, error.lastLines], ["crashed", ["segfault at 0"]]);
  assertStringIncludes(error.message, "SIGSEGV");
  assertEquals((await next).status, 200);
});

Deno.test("an input whose connection breaks while the engine lives on says just that", async () => {
  const world = new World();
  world.machine.next.input = "hangs";
  const cut = outcome(world.supervisor.input("echo", "a"));
  await world.clock.advance(10);
  world.machine.newest.cut();
  await world.clock.advance(700);
  assertEquals([await cut, world.supervisor.view("echo").inflight], ["upstream_failed", 0]);
});

Deno.test("an engine that crashes with nobody waiting stays stopped and says why", async () => {
  const world = new World();
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  world.machine.newest.exit(3);
  await world.clock.advance(1_000);
  const view = world.supervisor.view("echo");
  assertEquals([view.state, view.reason, view.lastError?.code], ["stopped", "crash", "crashed"]);
  assertEquals(world.machine.trees.length, 1);
});

Deno.test("a caller that has left before it asks neither stops nor restarts", async () => {
  const world = new World();
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  const signal = AbortSignal.abort();
  assertEquals(await outcome(world.supervisor.stop("echo", { signal })), "AbortError");
  assertEquals(await outcome(world.supervisor.restart("echo", { signal })), "AbortError");
  await world.clock.advance(600);
  assertEquals([world.state, world.machine.trees.length], ["ready", 1]);
});

Deno.test("who asks and leaves in the moment of a change takes no place and no lease", async () => {
  const world = new World({ idleTimeoutMs: 5_000 });
  const lefts: Promise<unknown>[] = [];
  const inbox = world.events.subscribe();
  inbox.onNext(function look() {
    for (const one of inbox.take()) {
      if (!("event" in one) || one.event.type !== "state") continue;
      const leaving = new AbortController();
      lefts.push(outcome(world.supervisor.input("echo", "x", { signal: leaving.signal })));
      leaving.abort();
    }
    inbox.onNext(look);
  });
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  const { queued, inflight } = world.supervisor.view("echo");
  assertEquals([queued, inflight], [0, 0]);
  await world.clock.advance(5_100);
  assertEquals(world.changes.at(-1), "stopping>stopped(idle)");
  assertEquals(new Set(await Promise.all(lefts)), new Set(["AbortError"]));
});

Deno.test("who is told of a change finds those who are held in the view", async () => {
  const world = new World();
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  const event = world.published.find((event) => event.type === "state" && event.to === "starting");
  assert(event?.type === "state");
  assertEquals(event.view.queued, 1);
});
