/** The topic `log` of the event stream: lines in batches, whole, bounded, from where a client left off. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { LOG_DEFAULTS } from "../../src/config/mod.ts";
import { EngineOutput } from "../../src/observe/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { EventReader, type SeenEvent } from "./support/read_events.ts";
import { codeOf, WebWorld } from "./support/web_world.ts";

interface Line {
  readonly n: number;
  readonly seq: number;
  readonly text: string;
}

function print(world: WebWorld, text: string, engine: string | null = "echo"): void {
  world.logs.push(engine, { stream: "stdout", text, styled: null });
}

async function open(world: WebWorld, query = ""): Promise<EventReader> {
  const response = await world.ask(`/api/events?topics=log${query}`);
  assertEquals(response.status, 200);
  return new EventReader(response);
}

function linesOf(events: readonly SeenEvent[]): readonly Line[] {
  return events.filter(({ type }) => type === "log")
    .flatMap(({ data }) => (data as { lines: Line[] }).lines);
}

function textsOf(events: readonly SeenEvent[]): string[] {
  return linesOf(events).map(({ text }) => text);
}

async function next(world: WebWorld, reader: EventReader): Promise<readonly SeenEvent[]> {
  await settle();
  await world.clock.advance(100);
  return await reader.next();
}

Deno.test("lines are gathered for 100 ms, those of one log in one event", async () => {
  const world = new WebWorld(["echo", "chat"]);
  print(world, "before");
  const reader = await open(world);
  const [hello] = await reader.next();
  assertEquals((hello?.data as { lastLine: number }).lastLine, 1);
  const piece = reader.next();
  await settle();
  print(world, "one");
  print(world, "other", "chat");
  await world.clock.advance(99);
  print(world, "two");
  print(world, "ours", null);
  await world.clock.advance(1);
  const line = { t: "2025-01-01T00:00:00.000Z", stream: "stdout" };
  const late = { ...line, t: "2025-01-01T00:00:00.099Z" };
  assertEquals(await piece, [
    {
      type: "log",
      id: null,
      data: {
        engine: "echo",
        lines: [
          { engine: "echo", n: 2, seq: 2, text: "one", ...line },
          { engine: "echo", n: 3, seq: 4, text: "two", ...late },
        ],
      },
    },
    {
      type: "log",
      id: null,
      data: { engine: "chat", lines: [{ engine: "chat", n: 1, seq: 3, text: "other", ...line }] },
    },
    {
      type: "log",
      id: null,
      data: { engine: null, lines: [{ engine: null, n: 1, seq: 5, text: "ours", ...late }] },
    },
  ]);
  await reader.cancel();
  assertEquals(world.clock.timers, 0);
});

Deno.test("who has not named the topic gets no line, and nobody reads any for it", async () => {
  const world = new WebWorld();
  const reader = new EventReader(await world.ask("/api/events"));
  await reader.next();
  print(world, "one");
  const { timers } = world.clock;
  await world.clock.advance(1_000);
  assertEquals(world.clock.timers, timers);
  world.events.close();
  assertEquals(await reader.names(), ["bye"]);
});

Deno.test("a batch has at most 64 lines and 16 kB", async () => {
  const world = new WebWorld();
  const reader = await open(world);
  await reader.next();
  for (let i = 0; i < 300; i++) print(world, `${i}`);
  for (let i = 0; i < 30; i++) print(world, "x".repeat(4_000));
  const batches: Line[][] = [];
  await settle();
  while (batches.flat().length < 330) {
    await world.clock.advance(100);
    const piece = await reader.next();
    assertLessOrEqual(piece.length, 4, "in 100 ms");
    batches.push(...piece.map(({ data }) => (data as { lines: Line[] }).lines));
  }
  for (const lines of batches) {
    assertLessOrEqual(lines.length, 64);
    assertLessOrEqual(lines.reduce((sum, { text }) => sum + text.length, 0), 16_000);
  }
  assertEquals(batches.flat().map(({ n }) => n), Array.from({ length: 330 }, (_, i) => i + 1));
  await reader.cancel();
});

Deno.test("?engine= leaves the lines of others out", async () => {
  const world = new WebWorld(["echo", "chat"]);
  const reader = await open(world, "&engine=chat&afterLine=0");
  await reader.next();
  print(world, "no");
  print(world, "nor this", null);
  print(world, "yes", "chat");
  assertEquals(textsOf(await next(world, reader)), ["yes"]);
  await reader.cancel();
});

Deno.test("a client that connects again goes on after the last line it saw, without a hole", async () => {
  const world = new WebWorld();
  const seen: number[] = [];
  let last = 0;
  for (let round = 0; round < 5; round++) {
    const reader = await open(world, `&afterLine=${last}`);
    const take = (events: readonly SeenEvent[]) => {
      for (const { n, seq } of linesOf(events)) {
        seen.push(n);
        last = Math.max(last, seq);
      }
    };
    take(await reader.next());
    for (let i = 0; i < 7; i++) print(world, "while it is open");
    take(await next(world, reader));
    for (let i = 0; i < 3; i++) print(world, "not gathered yet");
    await reader.cancel();
    for (let i = 0; i < 9; i++) print(world, "while it is away");
  }
  assertEquals(seen, Array.from({ length: seen.length }, (_, i) => i + 1));
  assertEquals(seen.length, 4 * 19 + 7);
});

Deno.test("one that comes while others gather takes no line from them and gets none twice", async () => {
  const world = new WebWorld();
  const first = await open(world);
  await first.next();
  await settle();
  print(world, "1");
  const second = await open(world, "&afterLine=0");
  assertEquals(textsOf(await second.next()), ["1"]);
  const third = await open(world);
  await third.next();
  print(world, "2");
  const pieces = Promise.all([first.next(), second.next(), third.next()]);
  await world.clock.advance(100);
  assertEquals((await pieces).map(textsOf), [["1", "2"], ["2"], ["2"]]);
  for (const reader of [first, second, third]) await reader.cancel();
});

Deno.test("many are told a few at a time, all of them before the next lines are", async () => {
  const world = new WebWorld();
  const readers: EventReader[] = [];
  for (let i = 0; i < 64; i++) readers.push(await open(world));
  for (const reader of readers) await reader.next();
  let told = 0;
  const pieces = readers.map(async (reader) => {
    const texts = textsOf(await reader.next());
    told++;
    return texts;
  });
  await settle();
  print(world, "1");
  await world.clock.advance(100);
  assertEquals(told, 4);
  await world.clock.advance(5);
  assertEquals(told, 8);
  await world.clock.advance(94);
  assertEquals(await Promise.all(pieces), readers.map(() => ["1"]));
  for (const reader of readers) await reader.cancel();
  assertEquals(world.clock.timers, 0);
});

Deno.test("of more than 500 missed lines the newest come, behind a gap", async () => {
  const world = new WebWorld();
  for (let i = 1; i <= 700; i++) print(world, `${i}`);
  const reader = await open(world, "&afterLine=50");
  const [, gap, ...events] = await reader.next();
  assertEquals(gap, { type: "gap", id: null, data: { missed: 0, lines: 150 } });
  const texts = textsOf(events);
  assertEquals([texts.length, texts[0], texts.at(-1)], [500, "201", "700"]);
  await reader.cancel();
});

Deno.test("a number of another life of the program stands for none", async () => {
  const world = new WebWorld();
  print(world, "1");
  const reader = await open(world, "&after=b9.4&afterLine=900");
  assertEquals(textsOf(await reader.next()), ["1"]);
  await reader.cancel();
  assertEquals(
    await codeOf(await world.ask("/api/events?topics=log&afterLine=x")),
    "400 bad_request",
  );
});

Deno.test("a client that does not read holds 256 kB of lines and finds one gap", async () => {
  const world = new WebWorld();
  const reader = await open(world);
  await reader.next();
  for (let i = 0; i < 40; i++) {
    for (let k = 0; k < 30; k++) print(world, "x".repeat(500));
    await settle();
    await world.clock.advance(100);
  }
  let events: SeenEvent[] = [];
  while (linesOf(events).at(-1)?.n !== 1_200) events = [...events, ...await reader.next()];
  const gaps = events.filter(({ type }) => type === "gap").map(({ data }) => data);
  assertEquals(gaps.length, 1);
  const { lines: lost } = gaps[0] as { lines: number };
  assertEquals(lost + linesOf(events).length, 1_200);
  assert(linesOf(events).length * 500 < 400_000);
  await reader.cancel();
});

Deno.test("of a flood what is kept is told in turns, and what was not shows in the numbers", async () => {
  const world = new WebWorld();
  const reader = await open(world);
  await reader.next();
  await settle();
  for (let i = 0; i < 50_000; i++) print(world, "flood");
  const seen: Line[] = [];
  while (seen.at(-1)?.n !== 50_000) {
    await world.clock.advance(100);
    const lines = linesOf(await reader.next());
    assertLessOrEqual(lines.length, 256);
    seen.push(...lines);
  }
  assertEquals(seen.map(({ n }) => n), Array.from({ length: 1_000 }, (_, i) => 49_001 + i));
  print(world, "after it");
  assertEquals(textsOf(await next(world, reader)), ["after it"]);
  await reader.cancel();
});

Deno.test("HTML, escapes, a megabyte and bytes that are no text: each is one bounded line", async () => {
  const world = new WebWorld();
  const output = new EngineOutput({
    clock: world.clock,
    settings: LOG_DEFAULTS.engine,
    show: () => {},
    book: world.logs,
  });
  const reader = await open(world);
  await reader.next();
  await settle();
  const sink = output.sink("echo", "stdout");
  const write = (text: string) => sink.write(new TextEncoder().encode(text));
  write("<script>alert(1)</script>\n\x1b[2J\x1b[31mred\x1b[m\x07\n");
  sink.write(new Uint8Array([0xff, 0xfe, 0x41, 0x0a]));
  write(`${"y".repeat(1_048_576)}\n\n\ndata: {}\n\u2028event: bye\n`);
  await world.clock.advance(100);
  const piece = await reader.piece() ?? "";
  assertLessOrEqual(piece.length, 20_000);
  assertEquals(piece.split("\n\n").length, 2, "one event, and nothing forged");
  const { lines } = JSON.parse(piece.slice(piece.indexOf("data: ") + 6));
  const [html, red, broken, long] = lines;
  assertEquals(html.text, "<script>alert(1)</script>");
  assertEquals([red.text, red.styled], ["red", "\x1b[31mred\x1b[m"]);
  assertEquals(broken.text, "\ufffd\ufffdA");
  assertLessOrEqual(long.text.length, 4_200);
  await reader.cancel();
});

Deno.test("the close of the program ends a stream of lines, too", async () => {
  const world = new WebWorld();
  const reader = await open(world);
  await reader.next();
  world.logs.close();
  world.events.close();
  assertEquals(await reader.names(), ["bye"]);
  assertEquals(await reader.piece(), null);
  assertEquals(world.clock.timers, 0);
});
