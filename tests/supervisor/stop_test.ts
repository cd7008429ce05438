import { assertEquals } from "@std/assert";
import { settle } from "../support/fake_clock.ts";
import { GOOD } from "../support/fake_engine.ts";
import { outcome, World } from "./world.ts";

Deno.test("an input cut by a stop is told so, however long the process takes to die", async () => {
  const world = new World();
  world.machine.next = { ...GOOD, input: "hangs", stop: "ignored", term: "ignored" };
  const cut = outcome(world.supervisor.input("echo", "a"));
  await world.clock.advance(10);
  const stopped = world.supervisor.stop("echo", { force: true });
  await settle();
  world.machine.newest.cut();
  await world.clock.advance(700);
  assertEquals([await cut, world.state], ["stopped_by_user", "stopping"]);
  await world.clock.advance(500);
  assertEquals((await stopped).state, "stopped");
});

Deno.test("who can't look whether something is left looks again, and calls it lost in the end", async () => {
  for (
    const [failures, how, signals] of [[3, "graceful", "SIGTERM"], [
      Infinity,
      "lost",
      "SIGTERM,SIGKILL",
    ]] as const
  ) {
    const world = new World();
    const started = world.supervisor.start("echo");
    await world.clock.advance(10);
    await started;
    let left: number = failures;
    const look = world.machine.newest.hasGroup.bind(world.machine.newest);
    world.machine.newest.hasGroup = () =>
      left-- > 0 ? Promise.reject(new Error("too many open files")) : look();
    const stopped = world.supervisor.stop("echo");
    await world.clock.advance(3_500);
    const view = await stopped;
    assertEquals([view.state, view.how, world.machine.newest.isReleased], ["stopped", how, true]);
    assertEquals(world.machine.newest.signals.join(), signals);
    await world.clock.advance(1_000);
    assertEquals([world.notices(), world.clock.timers], [[], 0]);
  }
});

Deno.test("stop() of an engine in the middle of its start ends it and refuses who waits", async () => {
  const world = new World();
  world.machine.next.health = null;
  const waiting = outcome(world.supervisor.start("echo"));
  await world.clock.advance(5);
  const stopped = world.supervisor.stop("echo");
  await world.clock.advance(5);
  assertEquals([await waiting, (await stopped).state], ["stopped_by_user", "stopped"]);
  assertEquals(world.machine.newest.signals, ["SIGTERM"]);
});

Deno.test("stop() before the process is even spawned calls the spawn off", async () => {
  const world = new World();
  const waiting = outcome(world.supervisor.start("echo"));
  const stopped = world.supervisor.stop("echo");
  assertEquals([await waiting, (await stopped).state], ["stopped_by_user", "stopped"]);
  assertEquals(world.machine.trees.length, 0);
});

Deno.test("stop() lets a request in flight end within the drain", async () => {
  const world = new World();
  world.machine.next.input = "hangs";
  const cut = outcome(world.supervisor.input("echo", "a"));
  await world.clock.advance(10);
  const stopped = world.supervisor.stop("echo");
  await world.clock.advance(4_900);
  assertEquals([world.state, world.machine.live], ["draining", 1]);
  await world.clock.advance(200);
  assertEquals([await cut, (await stopped).state], ["stopped_by_user", "stopped"]);
});

Deno.test("stop() goes on to the group when the leader exits first", async () => {
  const world = new World();
  world.machine.next = { ...GOOD, group: "outlives" };
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  const stopped = world.supervisor.stop("echo");
  await world.clock.advance(400);
  assertEquals([world.machine.live, world.state], [0, "stopping"]);
  await world.clock.advance(300);
  assertEquals((await stopped).state, "stopped");
  assertEquals(world.machine.newest.signals, ["SIGTERM", "SIGKILL"]);
});

Deno.test("stop({hold}) keeps inputs out until a start by hand", async () => {
  const world = new World();
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  const stopped = world.supervisor.stop("echo", { hold: true });
  await world.clock.advance(10);
  await stopped;
  assertEquals(await outcome(world.supervisor.input("echo", "x")), "stopped_by_user");
  const again = world.supervisor.start("echo");
  await world.clock.advance(10);
  assertEquals((await again).state, "ready");
});

Deno.test("restart() is one stop and one start, and keeps who waits", async () => {
  const world = new World();
  world.machine.next.health = null;
  const waiting = world.supervisor.input("echo", "x");
  await world.clock.advance(5);
  world.machine.next = { ...GOOD };
  const restarted = world.supervisor.restart("echo");
  await world.clock.advance(50);
  assertEquals([(await waiting).status, (await restarted).state], [200, "ready"]);
  assertEquals(world.machine.trees.length, 2);
});

Deno.test("restart() goes on to the start when its caller leaves half-way", async () => {
  const world = new World();
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  world.machine.newest.behaviour.stop = "ignored";
  const leaving = new AbortController();
  const left = outcome(world.supervisor.restart("echo", { signal: leaving.signal }));
  await settle();
  leaving.abort();
  assertEquals([await left, world.state], ["AbortError", "stopping"]);
  await world.clock.advance(600);
  assertEquals([world.state, world.machine.trees.length], ["ready", 2]);
});

Deno.test("an engine that answers /stop with 404 after its end is not an error of ours", async () => {
  const world = new World();
  world.machine.next = { ...GOOD, stop: "missing", answerMs: 50 };
  const started = world.supervisor.start("echo");
  await world.clock.advance(100);
  await started;
  const stopped = world.supervisor.stop("echo");
  await settle();
  world.machine.newest.exit(0);
  await world.clock.advance(1_000);
  assertEquals([(await stopped).state, world.notices()], ["stopped", []]);
});

Deno.test("shutdown() refuses who waits and who comes, and ends every process", async () => {
  const world = new World();
  world.machine.next.health = null;
  const waiting = outcome(world.supervisor.start("echo"));
  await world.clock.advance(5);
  const report = world.supervisor.shutdown();
  assertEquals(await outcome(world.supervisor.input("echo", "x")), "shutting_down");
  await world.clock.advance(1_000);
  assertEquals(await waiting, "shutting_down");
  assertEquals((await report).clean, true);
  assertEquals([world.machine.live, world.clock.timers], [0, 0]);
});

Deno.test("shutdown() says so when a process can't be ended", async () => {
  const world = new World();
  world.machine.next = { ...GOOD, stop: "ignored", term: "ignored", kill: "ignored" };
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  const report = world.supervisor.shutdown();
  await world.clock.advance(20_000);
  assertEquals(await report, { clean: false, engines: [{ name: "echo", how: "lost" }] });
});

Deno.test("a group that was found empty gets no signal: its number may be another's", async () => {
  const world = new World({ graceMs: 50 });
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  // The socket's file takes longer to remove than the grace.
  world.machine.fileMs = 400;
  const stopped = world.supervisor.stop("echo");
  await world.clock.advance(1_000);
  assertEquals([(await stopped).state, world.machine.newest.signals], ["stopped", ["SIGTERM"]]);
});

Deno.test("what left the group of a process that can't be killed is ended all the same", async () => {
  const world = new World();
  world.machine.next = { ...GOOD, stop: "ignored", term: "ignored", kill: "ignored" };
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  const { newest } = world.machine;
  const stopped = world.supervisor.stop("echo");
  await world.clock.advance(3_000);
  assertEquals([(await stopped).how, newest.strayHunts], ["lost", 1]);
  // And once more at its end, should that ever come.
  newest.exit(137, "SIGKILL");
  await world.clock.advance(0);
  assertEquals(newest.strayHunts, 2);
});
