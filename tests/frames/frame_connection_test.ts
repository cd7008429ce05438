/** The connection, with an engine that the test plays. */
import { assert, assertEquals } from "@std/assert";
import { CallError, Lookout, ProtocolError } from "../../src/core/mod.ts";
import {
  FrameConnection,
  MAX_WAITING_BYTES,
  MAX_WAITING_CALLS,
} from "../../src/frames/frame_connection.ts";
import { FrameDecoder } from "../../src/frames/frame_decoder.ts";
import { type Frame, MAX_PAYLOAD_BYTES, type Payload } from "../../src/frames/wire.ts";
import { FakeClock, LATE_MS, settle } from "../support/fake_clock.ts";
import { ScriptedStream, type ScriptedStreamOptions } from "../support/scripted_stream.ts";

import {
  concat,
  failure,
  frame,
  hello,
  json,
  outcome,
  result,
  utf8,
  valueOf,
} from "./support/frames.ts";

class Scene {
  readonly clock = new FakeClock();
  readonly stream: ScriptedStream;
  readonly connection: FrameConnection;
  moves = 0;

  constructor(options: ScriptedStreamOptions = {}) {
    this.stream = new ScriptedStream(options);
    this.connection = new FrameConnection({
      stream: this.stream,
      lookout: new Lookout(this.clock),
      engine: "echo",
      onMoved: () => this.moves++,
    });
  }

  static async greeted(maxCalls = 8, options: ScriptedStreamOptions = {}): Promise<Scene> {
    const scene = new Scene(options);
    scene.stream.send(hello(maxCalls));
    await settle();
    return scene;
  }

  call(value: unknown, options: { signal?: AbortSignal; totalMs?: number } = {}): Promise<Payload> {
    return this.connection.call({ name: "f", argument: json(value) }, options);
  }

  /** What was written so far, as `kind id text`. */
  get written(): string[] {
    return this.frames.map(({ kind, id, body }) =>
      `${kind} ${id} ${new TextDecoder().decode(body.slice(1))}`.trim()
    );
  }

  get frames(): Frame[] {
    const decoder = new FrameDecoder();
    decoder.receive(this.stream.written);
    const frames: Frame[] = [];
    for (let next = decoder.next(); next !== null; next = decoder.next()) frames.push(next);
    return frames;
  }
}

Deno.test("many calls go over one connection and are answered in any order", async () => {
  const scene = await Scene.greeted();
  const calls = [1, 2, 3].map((value) => scene.call(value));
  await settle();
  assertEquals(scene.written, ["call 1 f1", "call 2 f2", "call 3 f3"]);
  for (const id of [3, 1, 2]) scene.stream.send(result(id, { id }));
  assertEquals((await Promise.all(calls)).map(valueOf), [{ id: 1 }, { id: 2 }, { id: 3 }]);
  scene.connection.close();
  assertEquals([scene.clock.timers, scene.stream.isClosed, scene.moves > 0], [0, true, true]);
});

Deno.test("calls wait for the hello, then leave together in one write", async () => {
  const scene = new Scene();
  const calls = [1, 2, 3].map((value) => outcome(scene.call(value)));
  await settle();
  assertEquals(scene.written, []);
  scene.stream.send(hello());
  await settle();
  assertEquals([scene.written.length, scene.stream.writes], [3, 1]);
  scene.connection.close();
  assertEquals(await Promise.all(calls), ["upstream_failed", "upstream_failed", "upstream_failed"]);
});

Deno.test("raw bytes come back as they were, and are the caller's own", async () => {
  const scene = await Scene.greeted();
  const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at);
  const call = scene.connection.call({ name: "f", argument: { format: "bytes", bytes } });
  await settle();
  assertEquals(scene.frames[0]?.body.slice(2), bytes);
  scene.stream.send(frame("result", { id: 1, format: "bytes", body: bytes }));
  assertEquals(await call, { format: "bytes", bytes });
  scene.connection.close();
});

Deno.test("short writes and slow reads change nothing", async () => {
  const scene = await Scene.greeted(8, { writeAtMost: 3 });
  const call = scene.call("a longer text");
  await settle();
  assertEquals(scene.written, ['call 1 f"a longer text"']);
  for (const byte of result(1, "back")) {
    scene.stream.send(Uint8Array.of(byte));
    await settle();
  }
  assertEquals(valueOf(await call), "back");
  scene.connection.close();
});

Deno.test("what an engine says of a failed call is that call's alone", async () => {
  const scene = await Scene.greeted();
  const calls = ["a", "b", "c", "d", "e"].map((value) => scene.call(value).catch((error) => error));
  const said = [
    { code: "unknown_function", message: "", functions: ["echo", "cosine"] },
    { code: "bad_argument", message: "missing: b" },
    { code: "failed", message: "division by zero", type: "ZeroDivisionError" },
    { code: "of the future", message: "?" },
    { code: "stopping", message: "" },
  ];
  await settle();
  for (const [index, one] of said.entries()) scene.stream.send(failure(index + 1, one));
  const errors = await Promise.all(calls);
  assertEquals(
    errors.map(({ code }) => code),
    ["not_found", "bad_input", "call_failed", "call_failed", "upstream_failed"],
  );
  assert(errors[0].remedy.includes("echo, cosine"));
  assert(errors[1].message.includes("missing: b"));
  assert(errors[2] instanceof CallError);
  assertEquals(errors[2].raised, { type: "ZeroDivisionError", message: "division by zero" });
  assert(scene.connection.isOpen);
  scene.connection.close();
});

Deno.test("who leaves gets its own reason; the engine is told, and its answer is let go", async () => {
  const scene = await Scene.greeted();
  const over = new AbortController();
  const left = outcome(scene.call(1, { signal: over.signal }));
  const other = scene.call(2);
  await settle();
  over.abort();
  assertEquals(await left, "AbortError");
  await settle();
  assertEquals(scene.written.at(-1), "cancel 1");
  scene.stream.send(concat(failure(1, { code: "cancelled", message: "" }), result(2, "b")));
  assertEquals(valueOf(await other), "b");
  assert(scene.connection.isOpen);
  scene.connection.close();
});

Deno.test("a call taken back before it was sent is never sent", async () => {
  const scene = await Scene.greeted(1);
  const over = new AbortController();
  const first = scene.call(1);
  const second = outcome(scene.call(2, { signal: over.signal }));
  const third = scene.call(3);
  await settle();
  over.abort();
  assertEquals(await second, "AbortError");
  scene.stream.send(result(1, 1));
  await first;
  await settle();
  assertEquals(scene.written, ["call 1 f1", "call 2 f3"]);
  scene.stream.send(result(2, 3));
  await third;
  scene.connection.close();
});

Deno.test("who has left already calls nothing", async () => {
  const scene = await Scene.greeted();
  assertEquals(await outcome(scene.call(1, { signal: AbortSignal.abort() })), "AbortError");
  await settle();
  assertEquals(scene.written, []);
  scene.connection.close();
});

Deno.test("each call has a deadline of its own, after which the engine is told", async () => {
  const scene = await Scene.greeted();
  const short = outcome(scene.call(1, { totalMs: 1_000 }));
  const long = scene.call(2, { totalMs: 60_000 });
  await scene.clock.advance(1_000 + LATE_MS);
  assertEquals(await short, "upstream_timeout");
  assertEquals(scene.written.at(-1), "cancel 1");
  scene.stream.send(result(2, "in time"));
  assertEquals(valueOf(await long), "in time");
  scene.connection.close();
  assertEquals(scene.clock.timers, 0);
});

/** What the engine sends after its hello, and the rule that it breaks. */
const BREAKS: readonly (readonly [what: string, bytes: Uint8Array, rule: string])[] = [
  ["an answer to a call nobody made", result(77, 1), "FRAME_ID"],
  ["a length that lies: too long", concat(Uint8Array.of(0xff), result(1, 1)), "FRAME_LENGTH"],
  ["a length that lies: too short", lying(-1), "FRAME_LENGTH"],
  ["garbage", utf8("HTTP/1.1 400 Bad Request\r\n\r\n"), "FRAME_LENGTH"],
  ["a call of its own", frame("call", { id: 1, body: "{}" }), "FRAME_KIND"],
];

/** A result whose length is wrong by `by`, and another frame behind it. */
function lying(by: number): Uint8Array {
  const bytes = concat(result(1, 1), result(2, 2));
  bytes[3]! += by;
  return bytes;
}

for (const [what, bytes, rule] of BREAKS) {
  Deno.test(`closed, and every open call rejected: ${what}`, async () => {
    const scene = await Scene.greeted(2);
    const calls = [1, 2, 3].map((value) => scene.call(value).catch((error) => error));
    await settle();
    scene.stream.send(bytes);
    const errors = await Promise.all(calls);
    const last = errors.at(-1);
    assert(last instanceof ProtocolError, String(last));
    assertEquals([last.rule, last.code], [rule, "upstream_failed"]);
    assertEquals([scene.stream.isClosed, scene.connection.isOpen], [true, false]);
    assertEquals(await outcome(scene.call(4)), "upstream_failed");
    assertEquals(scene.clock.timers, 0);
  });
}

for (const length of [0, 1, 4, 9, 10, 11]) {
  Deno.test(`closed, and every open call rejected: an end after ${length} bytes of an answer`, async () => {
    const scene = await Scene.greeted(1);
    const calls = [1, 2].map((value) => outcome(scene.call(value)));
    await settle();
    scene.stream.send(result(1, "x").subarray(0, length));
    scene.stream.end();
    assertEquals(await Promise.all(calls), ["upstream_failed", "upstream_failed"]);
    assert(scene.stream.isClosed);
  });
}

Deno.test("a read that fails rejects what is open with our error", async () => {
  const scene = await Scene.greeted();
  const call = outcome(scene.call(1));
  scene.stream.breakReads(new Error("reset"));
  assertEquals(await call, "upstream_failed");
});

Deno.test("a write that fails rejects what is open with our error", async () => {
  const scene = await Scene.greeted();
  scene.stream.breakWrites(new Error("broken pipe"));
  assertEquals(await outcome(scene.call(1)), "upstream_failed");
});

Deno.test("an engine that says no hello is given up", async () => {
  const scene = new Scene();
  const call = outcome(scene.call(1));
  await scene.clock.advance(10_000 + LATE_MS);
  assertEquals([await call, scene.stream.isClosed], ["upstream_timeout", true]);
});

Deno.test("an engine that reads nothing is given up, however long its calls may take", async () => {
  const scene = await Scene.greeted(8, { room: 5 });
  const call = outcome(scene.call(1, { totalMs: 600_000 }));
  await scene.clock.advance(119_000);
  assert(scene.connection.isOpen);
  await scene.clock.advance(1_000 + LATE_MS);
  assertEquals([await call, scene.stream.isClosed], ["upstream_timeout", true]);
});

Deno.test("no more calls are in flight than the engine takes; the others wait in their order", async () => {
  const scene = await Scene.greeted(2);
  const calls = [1, 2, 3, 4].map((value) => scene.call(value));
  await settle();
  assertEquals(scene.written, ["call 1 f1", "call 2 f2"]);
  scene.stream.send(result(2, 0));
  await settle();
  assertEquals(scene.written.at(-1), "call 3 f3");
  scene.stream.send(concat(result(1, 0), result(3, 0)));
  await settle();
  scene.stream.send(result(4, 0));
  assertEquals((await Promise.all(calls)).length, 4);
  scene.connection.close();
});

Deno.test("as many calls wait as may, the next one is refused", async () => {
  const scene = await Scene.greeted(1);
  const all = Array.from(
    { length: 1 + MAX_WAITING_CALLS },
    (_, value) => outcome(scene.call(value)),
  );
  await settle();
  assertEquals(await outcome(scene.call("one more")), "queue_full");
  scene.connection.close();
  assert((await Promise.all(all)).every((code) => code === "upstream_failed"));
});

Deno.test("an engine that does not read fills no memory: what waits is bounded in bytes", async () => {
  const scene = await Scene.greeted(1_000, { room: 100 });
  const bytes = new Uint8Array(MAX_PAYLOAD_BYTES);
  const codes: unknown[] = [];
  const calls = Array.from(
    { length: 20 },
    () =>
      scene.connection.call({ name: "f", argument: { format: "bytes", bytes } })
        .catch((error) => codes.push(error.code)),
  );
  await settle();
  // One is being written; behind it waits what may.
  assertEquals(codes, Array(20 - 1 - MAX_WAITING_BYTES / MAX_PAYLOAD_BYTES).fill("queue_full"));
  scene.connection.close();
  await Promise.all(calls);
});
