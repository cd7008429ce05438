/** The example of docs/frames.md, byte by byte: by our client, and by both engines of ours. */
import { assert, assertEquals } from "@std/assert";
import { Lookout } from "../../src/core/mod.ts";
import { FrameConnection } from "../../src/frames/frame_connection.ts";
import type { Payload } from "../../src/frames/mod.ts";
import { EngineProcess } from "../engine/support/engine_process.ts";
import { forBoth } from "../engine/support/engines.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";
import { json, outcome } from "./support/frames.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/frames.md", import.meta.url));

/** What one side writes, in hexadecimal, one text for each block of the page. */
function written(side: "<" | ">"): string[] {
  const blocks = [...PAGE.matchAll(/```text\n([<> 0-9a-f\n]+)```/g)].map(([, block = ""]) => block);
  return blocks.map((block) => {
    const lines = block.split("\n").filter((line) => line.startsWith(side));
    return lines.map((line) => line.slice(2)).join(" ");
  });
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    hex.split(" ").filter((byte) => byte !== ""),
    (byte) => parseInt(byte, 16),
  );
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

Deno.test("the page has the whole example", () => {
  assertEquals([written("<").length, written(">").filter((hex) => hex !== "").length], [4, 3]);
});

Deno.test("our client writes what the page says, and takes what it says the engine writes", async () => {
  const stream = new ScriptedStream();
  const connection = new FrameConnection({
    stream,
    lookout: new Lookout(new FakeClock()),
    engine: "echo",
    onMoved: () => {},
  });
  const [hello = "", ...answers] = written("<");
  const [, ...calls] = written(">");
  stream.send(bytesOf(hello));
  const over = new AbortController();
  const raw: Payload = { format: "bytes", bytes: Uint8Array.of(0, 255) };
  const made: (readonly [name: string, argument: Payload])[] = [
    ["echo", json({ text: "hi" })],
    ["echo", raw],
    ["slow", json({})],
  ];
  const results: unknown[] = [];
  for (const [index, [name, argument]] of made.entries()) {
    const isLast = index === made.length - 1;
    const call = outcome(
      connection.call({ name, argument }, isLast ? { signal: over.signal } : {}),
    );
    await settle();
    if (isLast) over.abort();
    await settle();
    const from = bytesOf(calls.slice(0, index).join(" ")).length;
    assertEquals(hexOf(stream.written.subarray(from)), calls[index]);
    stream.send(bytesOf(answers[index] ?? ""));
    results.push(await call);
  }
  await settle();
  assertEquals(results, [json({ text: "hi" }), raw, "AbortError"]);
  assert(connection.isOpen);
  connection.close();
});

forBoth("it writes what docs/frames.md says", async (engine) => {
  await using running = await EngineProcess.start(engine);
  using connection = await Deno.connect({ transport: "unix", path: running.frames });
  const [, ...calls] = written(">");
  const expected = written("<").slice(0, 3);
  const buffer = new Uint8Array(1_024);
  for (const [index, hex] of expected.entries()) {
    if (index > 0) await connection.write(bytesOf(calls[index - 1] ?? ""));
    const wanted = bytesOf(hex).length;
    let read = 0;
    while (read < wanted) read += await connection.read(buffer.subarray(read)) ?? wanted;
    assertEquals(hexOf(buffer.subarray(0, read)), hex);
  }
});
