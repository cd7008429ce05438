import { assert, assertEquals } from "@std/assert";
import { type EngineLogSettings, LOG_DEFAULTS } from "../../../src/config/mod.ts";
import { EngineOutput, LogBook } from "../../../src/observe/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function open(settings: Partial<EngineLogSettings> = {}) {
  const clock = new FakeClock();
  const shown: string[] = [];
  const written: string[] = [];
  const output = new EngineOutput({
    clock,
    settings: { ...LOG_DEFAULTS.engine, ...settings },
    show: (engine, line) => void shown.push(`[${engine}] ${line}`),
    openFile: (engine) => ({
      append: (line) => void written.push(`${engine}.log ${line}`),
      note: (line) => void written.push(`${engine}.log # ${line}`),
    }),
  });
  const print = (engine: string, text: string) => {
    const sink = output.sink(engine, "stdout");
    sink.write(new TextEncoder().encode(text));
    sink.end();
  };
  return { clock, output, shown, written, print };
}

Deno.test("each line is shown with its engine's name and kept without", () => {
  const { output, shown, print } = open();
  print("a", "one\ntwo\n");
  print("b", "three");
  assertEquals(shown, ["[a] one", "[a] two", "[b] three"]);
  assertEquals(output.tail("a", 10), ["one", "two"]);
  assertEquals(output.tail("b", 10), ["three"]);
});

Deno.test("tail() gives the last lines, oldest first, and no more than asked", () => {
  const { output, print } = open();
  print("a", "1\n2\n3\n");
  assertEquals(output.tail("a", 2), ["2", "3"]);
  assertEquals(output.tail("a", 0), []);
  assertEquals(output.tail("a", 3), ["1", "2", "3"]);
  assertEquals(output.tail("nobody", 3), []);
});

Deno.test("only the newest lines are kept, of each engine by itself", () => {
  const { output, print } = open({ ringLines: 3 });
  print("b", "x\n");
  for (let i = 1; i <= 1_000; i++) print("a", `${i}\n`);
  assertEquals(output.tail("a", 1_000), ["998", "999", "1000"]);
  assertEquals(output.tail("b", 1_000), ["x"]);
});

Deno.test("begin() forgets the lines of the engine's process before, and of no other", () => {
  const { output, print } = open();
  print("a", "old\n");
  print("b", "stays\n");
  output.begin("a");
  assertEquals(output.tail("a", 9), []);
  print("a", "new\n");
  assertEquals(output.tail("a", 9), ["new"]);
  assertEquals(output.tail("b", 9), ["stays"]);
});

Deno.test("a tail that was given does not change afterwards", () => {
  const { output, print } = open({ ringLines: 2 });
  print("a", "1\n2\n");
  const tail = output.tail("a", 2);
  print("a", "3\n");
  assertEquals(tail, ["1", "2"]);
});

Deno.test("two streams of one engine keep their half lines apart", () => {
  const { output } = open();
  const [stdout, stderr] = [output.sink("a", "stdout"), output.sink("a", "stderr")];
  const encoder = new TextEncoder();
  stdout.write(encoder.encode("out-"));
  stderr.write(encoder.encode("err-"));
  stdout.write(encoder.encode("1\n"));
  stderr.write(encoder.encode("2\n"));
  assertEquals(output.tail("a", 9), ["out-1", "err-2"]);
});

Deno.test("each line is written to its engine's file, with the time", () => {
  const { clock, print, written } = open();
  print("a", "one\n");
  clock.stall(1_500);
  print("b", "two\n");
  assertEquals(written, [
    "a.log 2025-01-01T00:00:00.000Z one",
    "b.log 2025-01-01T00:00:01.500Z two",
  ]);
});

Deno.test("over so many lines a second they are counted; the last ones are kept all the same", () => {
  const { clock, output, print, shown, written } = open({ linesPerS: 3 });
  const sink = output.sink("a", "stdout");
  sink.write(new TextEncoder().encode("1\n2\n3\n4\n"));
  sink.write(new TextEncoder().encode("x\n".repeat(10_000)));
  assertEquals(shown.length, 3);
  print("b", "not held up\n");
  clock.stall(1_000);
  sink.write(new TextEncoder().encode("later\n"));
  const kept = shown.filter((line) => line === "[a] x").length;
  assert(kept > 0);
  const note = `… ${10_001 - kept} lines were skipped here: too many at once`;
  assertEquals(shown.slice(0, 5), ["[a] 1", "[a] 2", "[a] 3", "[b] not held up", `[a] ${note}`]);
  assertEquals(output.tail("a", 1), ["later"]);
  assertEquals(written.filter((line) => line.includes("#")).length, 1);
  assertEquals(output.counts("a"), { kept: 3 + kept + 1, skipped: 10_001 - kept });
  sink.end();
});

Deno.test("tail() has the last lines of a flood while it goes on", () => {
  const { output } = open({ linesPerS: 1 });
  const sink = output.sink("a", "stdout");
  sink.write(new TextEncoder().encode(`${"x\n".repeat(50_000)}out of memory\n`));
  assertEquals(output.tail("a", 1), ["out of memory"]);
  sink.end();
});

Deno.test("over so many bytes a second lines are counted, too", () => {
  const { output, print } = open({ bytesPerS: 1_000, maxLineBytes: 600 });
  print("a", `${"x".repeat(600)}\n`.repeat(100));
  const { kept, skipped } = output.counts("a");
  assertEquals(kept + skipped, 100);
  assert(skipped > 80, `${skipped} were skipped`);
});

Deno.test("the ring is bounded by its characters, the newest line stays whatever its length", () => {
  const { output, print } = open({ ringChars: 10 });
  print("a", "12345\n1234\n1\n");
  assertEquals(output.tail("a", 9), ["12345", "1234", "1"]);
  print("a", "12\n");
  assertEquals(output.tail("a", 9), ["1234", "1", "12"]);
  print("a", "12345678901234\n");
  assertEquals(output.tail("a", 9), ["12345678901234"]);
});

Deno.test("the last words on stderr are not lost among those of a flood on stdout", () => {
  const { output } = open({ linesPerS: 1 });
  const [stdout, stderr] = [output.sink("a", "stdout"), output.sink("a", "stderr")];
  stdout.write(new TextEncoder().encode("x\n".repeat(50_000)));
  stderr.write(new TextEncoder().encode("out of memory\n"));
  stderr.end();
  stdout.end();
  const tail = output.tail("a", 20);
  assertEquals(tail.filter((line) => line === "out of memory").length, 1);
  assertEquals(tail.at(-1), "x");
});

Deno.test("each kept line has a number, a time and its stream; a note on skipped ones, too", () => {
  const clock = new FakeClock();
  const book = new LogBook({ clock, settings: LOG_DEFAULTS.engine });
  const settings = { ...LOG_DEFAULTS.engine, linesPerS: 2 };
  const output = new EngineOutput({ clock, settings, show: () => {}, book });
  const [stdout, stderr] = [output.sink("a", "stdout"), output.sink("a", "stderr")];
  stdout.write(new TextEncoder().encode("one\n"));
  clock.stall(500);
  stderr.write(new TextEncoder().encode("two\n"));
  stdout.write(new TextEncoder().encode("x\n".repeat(5_000)));
  clock.stall(1_000);
  stdout.write(new TextEncoder().encode("three\n"));
  const lines = book.after("a", 0);
  const [first, second, note] = lines;
  assertEquals([first?.n, first?.stream, first?.text], [1, "stdout", "one"]);
  assertEquals([second?.n, second?.stream, second?.text], [2, "stderr", "two"]);
  assertEquals((second?.at ?? 0) - (first?.at ?? 0), 500);
  assertEquals([note?.n, note?.skipped], [3, 5_000 - 8]);
  assertEquals(lines.map(({ n }) => n), lines.map((_, i) => i + 1));
  assertEquals(book.after("a", 2, 1), lines.slice(2, 3));
});

Deno.test("the lines of the process before stay in the book, with what the program says", () => {
  const clock = new FakeClock();
  const book = new LogBook({ clock, settings: LOG_DEFAULTS.engine });
  const output = new EngineOutput({ clock, settings: LOG_DEFAULTS.engine, show: () => {}, book });
  output.sink("a", "stdout").write(new TextEncoder().encode("old\n"));
  output.begin("a");
  book.push("a", { stream: "program", text: "a: starting", styled: null, level: "info" });
  output.sink("a", "stdout").write(new TextEncoder().encode("new\n"));
  assertEquals(output.tail("a", 9), ["new"]);
  assertEquals(book.after("a", 0).map(({ text }) => text), ["old", "a: starting", "new"]);
});

Deno.test("colours of a line are kept beside its text; every other escape is gone from both", () => {
  const clock = new FakeClock();
  const book = new LogBook({ clock, settings: LOG_DEFAULTS.engine });
  const shown: string[] = [];
  const show = (_: string, line: string) => void shown.push(line);
  const output = new EngineOutput({ clock, settings: LOG_DEFAULTS.engine, show, book });
  const sink = output.sink("a", "stdout");
  sink.write(new TextEncoder().encode("\x1b]0;evil\x07\x1b[1;31mred\x1b[0m\x1b[2J end\nplain\n"));
  const [red, plain] = book.after("a", 0);
  assertEquals([red?.text, red?.styled], ["red end", "\x1b[1;31mred\x1b[0m end"]);
  assertEquals([plain?.text, plain?.styled], ["plain", null]);
  assertEquals(shown, ["red end", "plain"]);
  assertEquals(output.tail("a", 1), ["plain"]);
});
