/** Direct calls to an engine that the test plays: leases, starts, ends. */
import { assert, assertEquals } from "@std/assert";
import { type ByteStream, DialError } from "../../src/core/mod.ts";
import { MAX_WAITING_CALLS } from "../../src/frames/frame_connection.ts";
import { MAX_PAYLOAD_BYTES } from "../../src/frames/mod.ts";
import type { CallOptions, CallPayload } from "../../src/supervisor/mod.ts";
import { hello, json, result, valueOf } from "../frames/support/frames.ts";
import { LATE_MS, settle } from "../support/fake_clock.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";
import { outcome, World } from "./world.ts";

class Scene {
  readonly world: World;
  /** Of each connection for calls, in order. */
  readonly streams: ScriptedStream[] = [];
  readonly dialed: string[] = [];
  /** Instead of the next connection. */
  refusal: DialError | null = null;

  constructor(settings: ConstructorParameters<typeof World>[0] = {}) {
    this.world = new World(settings);
    this.world.machine.net.connectUnix = (path) => this.#connect(path);
  }

  call(options: CallOptions = {}, name = "f"): Promise<CallPayload> {
    return this.world.supervisor.call("echo", { name, argument: json(1) }, options);
  }

  get stream(): ScriptedStream {
    const stream = this.streams.at(-1);
    assert(stream !== undefined, "nothing was dialed");
    return stream;
  }

  /** Until all that a call does without the outside is done: its modules are loaded, too. */
  async sent(): Promise<void> {
    await import("../../src/supervisor/call.ts");
    await this.world.clock.advance(1_000);
  }

  async close(): Promise<void> {
    const closing = this.world.supervisor.shutdown();
    await this.world.clock.advance(20_000);
    await closing;
    assertEquals(this.world.clock.timers, 0);
  }

  #connect(path: string): Promise<ByteStream> {
    this.dialed.push(path);
    if (this.refusal !== null) return Promise.reject(this.refusal);
    const stream = new ScriptedStream();
    stream.send(hello());
    this.streams.push(stream);
    return Promise.resolve(stream);
  }
}

Deno.test("a call starts the engine, is in flight until its result, and is activity", async () => {
  const scene = new Scene({ idleTimeoutMs: 10_000 });
  const { world } = scene;
  const call = scene.call({}, "cosine");
  await scene.sent();
  assertEquals(world.changes[0], "stopped>starting(input)");
  assertEquals(scene.dialed, ["/run/echo.sock.frames"]);
  assertEquals(world.machine.newest.spec.env["AI_ENGINE_FRAMES"], "/run/echo.sock.frames");
  await world.clock.advance(30_000);
  assertEquals([world.state, world.supervisor.view("echo").inflight], ["ready", 1]);
  scene.stream.send(result(1, 0.5));
  assertEquals(valueOf(await call), 0.5);
  assertEquals(world.supervisor.view("echo").inflight, 0);
  await world.clock.advance(9_000);
  assertEquals(world.state, "ready");
  await world.clock.advance(5_000);
  assertEquals(world.state, "stopped");
  assert(scene.stream.isClosed);
  await scene.close();
});

Deno.test("all calls of a process share one connection, those of the next one have another", async () => {
  const scene = new Scene();
  const calls = [scene.call(), scene.call()];
  await scene.sent();
  for (const id of [1, 2]) scene.stream.send(result(id, id));
  await Promise.all(calls);
  const restart = scene.world.supervisor.restart("echo");
  await scene.world.clock.advance(1_000);
  await restart;
  const later = scene.call();
  await scene.sent();
  assertEquals(scene.streams.length, 2);
  scene.stream.send(result(1, "new"));
  assertEquals(valueOf(await later), "new");
  await scene.close();
});

Deno.test("a call waits for a slot as an input does, and its time begins with it", async () => {
  const scene = new Scene({ slots: 1 });
  const first = scene.call();
  await scene.sent();
  const second = outcome(scene.call({ timeoutMs: 5_000 }));
  await scene.world.clock.advance(60_000);
  assertEquals(scene.world.supervisor.view("echo").queued, 1);
  scene.stream.send(result(1, 1));
  await first;
  await settle();
  assertEquals(scene.world.supervisor.view("echo").queued, 0);
  await scene.world.clock.advance(5_000 + LATE_MS);
  assertEquals(await second, "upstream_timeout");
  assertEquals(scene.world.supervisor.view("echo").inflight, 0);
  await scene.close();
});

Deno.test("what can't be called is refused and starts nothing", async () => {
  const scene = new Scene();
  const { supervisor } = scene.world;
  for (const name of ["", "../x", "a b", "x".repeat(65)]) {
    assertEquals(await outcome(scene.call({}, name)), "not_found");
  }
  const bytes = new Uint8Array(MAX_PAYLOAD_BYTES + 1);
  const large = supervisor.call("echo", { name: "f", argument: { format: "bytes", bytes } });
  assertEquals(await outcome(large), "too_large");
  assertEquals(
    await outcome(supervisor.call("no", { name: "f", argument: json(1) })),
    "unknown_engine",
  );
  assertEquals(scene.world.state, "stopped");
  await scene.close();
});

Deno.test("an engine that offers no calls says so, and is no worse for it", async () => {
  const scene = new Scene();
  scene.refusal = new DialError("no_socket", "no socket");
  const call = outcome(scene.call());
  await scene.sent();
  assertEquals([await call, scene.world.state], ["not_found", "ready"]);
  await scene.close();
});

Deno.test("the end of the process is what an open call hears", async () => {
  const scene = new Scene();
  const call = outcome(scene.call());
  await scene.sent();
  scene.world.machine.newest.exit(3);
  scene.stream.end();
  await scene.world.clock.advance(1_000);
  assertEquals(await call, "crashed");
  await scene.close();
});

Deno.test("a user's stop drains calls, then cuts them", async () => {
  const scene = new Scene();
  const call = outcome(scene.call());
  await scene.sent();
  const stop = scene.world.supervisor.stop("echo");
  await scene.world.clock.advance(4_000);
  assertEquals(scene.world.state, "draining");
  await scene.world.clock.advance(3_000);
  await stop;
  assertEquals(await call, "stopped_by_user");
  await scene.close();
});

Deno.test("a broken connection is that call's end; the next one has a new connection", async () => {
  const scene = new Scene();
  const call = outcome(scene.call());
  await scene.sent();
  scene.stream.send(result(99, "to nobody"));
  await scene.world.clock.advance(1_000);
  assertEquals(await call, "upstream_failed");
  const next = scene.call();
  await scene.sent();
  scene.stream.send(result(1, "fine"));
  assertEquals([valueOf(await next), scene.streams.length], ["fine", 2]);
  await scene.close();
});

Deno.test("who leaves while the engine starts gives up its place", async () => {
  const scene = new Scene();
  scene.world.machine.next.health = null;
  const over = new AbortController();
  const call = outcome(scene.call({ signal: over.signal }));
  await scene.sent();
  assertEquals([scene.world.state, scene.world.supervisor.view("echo").queued], ["starting", 1]);
  over.abort();
  assertEquals([await call, scene.dialed], ["AbortError", []]);
  assertEquals(scene.world.supervisor.view("echo").queued, 0);
  await scene.close();
});

Deno.test("who leaves while it is called is in flight no more, and the engine is told", async () => {
  const scene = new Scene();
  const over = new AbortController();
  const call = outcome(scene.call({ signal: over.signal }));
  await scene.sent();
  over.abort();
  assertEquals(await call, "AbortError");
  await settle();
  assertEquals([scene.stream.written.at(-6), scene.world.supervisor.view("echo").inflight], [5, 0]);
  await scene.close();
});

Deno.test("calls that find no place to wait are refused, counted, and no fault of the engine's", async () => {
  const scene = new Scene();
  const { supervisor } = scene.world;
  const first = outcome(scene.call());
  await scene.sent();
  // With the first, as many as its hello takes.
  const over = new AbortController();
  const call = () => outcome(scene.call({ signal: over.signal }));
  const taken = Array.from({ length: 7 }, call);
  await scene.sent();
  const bound = () => supervisor.bounds().find(({ name }) => name === "waiting_calls");
  assertEquals([bound()?.limit, bound()?.refused], [MAX_WAITING_CALLS, 0]);
  const many = Array.from({ length: MAX_WAITING_CALLS + 3 }, call);
  await scene.sent();
  assertEquals([bound()?.refused, supervisor.view("echo").inflight], [3, 8 + MAX_WAITING_CALLS]);
  over.abort();
  const codes = await Promise.all([...taken, ...many]);
  assertEquals(codes.filter((code) => code === "queue_full").length, 3);
  scene.stream.send(result(1, "served"));
  await settle();
  assertEquals([typeof await first, supervisor.view("echo").inflight], ["object", 0]);
  await scene.close();
});
