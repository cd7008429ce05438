/** Direct calls, the same for both engines of our own, made by the supervisor's own client. */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { CallError } from "../../src/core/mod.ts";
import { FrameChannel, MAX_PAYLOAD_BYTES, type Payload } from "../../src/frames/mod.ts";
import { SystemClock, systemNet } from "../../src/platform/mod.ts";
import { json, outcome, valueOf } from "../frames/support/frames.ts";
import { EngineProcess, within } from "./support/engine_process.ts";
import { type EngineUnderTest, exists, forBoth } from "./support/engines.ts";

class Scene implements AsyncDisposable {
  readonly #clock = new SystemClock();
  readonly channel: FrameChannel;

  private constructor(readonly running: EngineProcess) {
    this.channel = new FrameChannel({
      engine: "tested",
      clock: this.#clock,
      dial: () => systemNet.connectUnix(running.frames),
      onMoved: () => {},
    });
  }

  static async open(engine: EngineUnderTest): Promise<Scene> {
    return new Scene(await EngineProcess.start(engine));
  }

  call(name: string, argument: unknown): Promise<Payload> {
    const payload = argument instanceof Uint8Array
      ? { format: "bytes" as const, bytes: argument }
      : json(argument);
    return within(this.channel.call({ name, argument: payload }), `a result of ${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.channel.close();
    await this.running[Symbol.asyncDispose]();
    this.#clock.close();
  }
}

forBoth("a call gives its result, JSON or raw bytes", async (engine) => {
  await using scene = await Scene.open(engine);
  for (const value of [null, true, 1.5, "é😀\ud800", [], { a: [1, { b: null }] }]) {
    assertEquals(valueOf(await scene.call("echo", value)), value);
  }
  const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at * 7);
  assertEquals(await scene.call("echo", bytes), { format: "bytes", bytes });
  const vectors = { a: [1, 0], b: [1, 1] };
  assertAlmostEquals(Number(valueOf(await scene.call("cosine", vectors))), Math.SQRT1_2);
});

forBoth("the largest argument and the largest result pass", async (engine) => {
  await using scene = await Scene.open(engine);
  const bytes = new Uint8Array(MAX_PAYLOAD_BYTES).fill(7);
  assertEquals((await scene.call("echo", bytes)).bytes.length, MAX_PAYLOAD_BYTES);
});

forBoth("what it says of a call that fails", async (engine) => {
  await using scene = await Scene.open(engine);
  const failed = await scene.call("cosine", { a: [0], b: [1] }).catch((error) => error);
  assert(failed instanceof CallError, String(failed));
  assertStringIncludes(failed.raised.message, "no direction");
  assertStringIncludes(failed.raised.type ?? "", "Error");
  const unknown = await scene.call("nothing", null).catch((error) => error);
  assertEquals(unknown.code, "not_found");
  assertStringIncludes(unknown.remedy, "cosine, echo");
  const wrong = [null, [], {}, { a: [1] }, { a: [1], b: "1" }, { a: [1], b: ["1"] }];
  for (const argument of [...wrong, Uint8Array.of(1)]) {
    assertEquals(await outcome(scene.call("cosine", argument)), "bad_input");
  }
  for (const text of ["", "{", "NaN", '"\xff', "[".repeat(100_000)]) {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const call = { name: "echo", argument: { format: "json" as const, bytes } };
    assertEquals(await outcome(scene.channel.call(call)), "bad_input");
  }
  assertEquals(valueOf(await scene.call("echo", "still here")), "still here");
});

forBoth(
  "a thousand calls at once over one connection each get their own answer",
  async (engine) => {
    await using scene = await Scene.open(engine);
    const values = Array.from({ length: 1_000 }, (_, at) => at);
    const results = await Promise.all(values.map((value) => scene.call("echo", value)));
    assertEquals(results.map(valueOf), values);
  },
);

forBoth("garbage and cut frames end that connection and no other", async (engine) => {
  await using scene = await Scene.open(engine);
  await scene.call("echo", 1);
  for (const garbage of ["GET / HTTP/1.1\r\n\r\n", "\xff".repeat(100), "\0\0\0\x06\x02"]) {
    using connection = await Deno.connect({ transport: "unix", path: scene.running.frames });
    await connection.write(Uint8Array.from(garbage, (character) => character.charCodeAt(0)));
    await connection.closeWrite();
    await within(new Response(connection.readable).bytes(), "the end of the connection");
  }
  assertEquals(valueOf(await scene.call("echo", 2)), 2);
});

forBoth("only its user may call, and the file is gone at the end", async (engine) => {
  await using scene = await Scene.open(engine);
  const { running } = scene;
  const { mode } = await Deno.stat(running.frames);
  assertEquals((mode ?? 0) & 0o777, 0o600);
  await scene.call("echo", 1);
  running.signal("SIGTERM");
  const { code, stderr } = await running.ended();
  assertEquals([code, stderr, exists(running.frames)], [0, "", false]);
  assertEquals(await outcome(scene.call("echo", 1)), "not_found");
});
