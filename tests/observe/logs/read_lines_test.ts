import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { LOG_DEFAULTS } from "../../../src/config/mod.ts";
import type { Clock } from "../../../src/core/mod.ts";
import { LogBook } from "../../../src/observe/mod.ts";
import { LogCursor } from "../../../src/observe/logs/log_cursor.ts";
import { PatternError } from "../../../src/observe/logs/pattern_syntax.ts";
import { readLines, toLineMatch } from "../../../src/observe/logs/read_lines.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function newBook(ringLines = 1_000) {
  const clock = new FakeClock();
  return { clock, book: new LogBook({ clock, settings: { ...LOG_DEFAULTS.engine, ringLines } }) };
}

function print(book: LogBook, name: string | null, text: string) {
  book.push(name, { stream: "stdout", text, styled: null });
}

const NAMES = fc.array(fc.constantFrom("a", "b", null), { maxLength: 60 });

Deno.test("of several logs the newest lines are found, in the order they came", async () => {
  const sizes = { limit: fc.integer({ min: 1, max: 70 }), before: fc.integer({ min: 1, max: 70 }) };
  await fc.assert(
    fc.asyncProperty(NAMES, fc.record(sizes), async (names, { limit, before }) => {
      const { clock, book } = newBook();
      names.forEach((name, i) => print(book, name, `${i + 1}`));
      const expected = names.map((_, i) => `${i + 1}`).slice(0, before - 1);
      const found = await readLines(book, { filter: {}, range: { limit, before }, clock });
      assertEquals(found.lines.map(({ text }) => text), expected.slice(-limit));
      assertEquals(found.hasMore, expected.length > limit);
    }),
  );
});

Deno.test("who reads on finds each line once, in order, and what was missed is counted", () => {
  const steps = fc.array(fc.oneof(NAMES, fc.integer({ min: 1, max: 20 })), { maxLength: 20 });
  fc.assert(fc.property(steps, (script) => {
    const { book } = newBook(10);
    const cursor = new LogCursor(book);
    let printed = 0;
    let missed = 0;
    const seen: number[] = [];
    const take = (limit: number) => {
      const taken = cursor.take(limit);
      assert(taken.lines.length <= limit);
      missed += taken.missed;
      seen.push(...taken.lines.map(({ text }) => Number(text)));
      return taken.lines.length;
    };
    for (const step of script) {
      if (typeof step === "number") take(step);
      else for (const name of step) print(book, name, `${++printed}`);
    }
    while (take(7) > 0);
    assertEquals(seen, seen.toSorted((one, other) => one - other));
    assertEquals(new Set(seen).size, seen.length);
    assertEquals(seen.length + missed, printed);
  }));
});

Deno.test("a pattern that is too much work is given up, and others have their turns meanwhile", async () => {
  const { book } = newBook();
  for (let i = 0; i < 60; i++) print(book, "a", "a".repeat(4_000));
  let turns = 0;
  const clock: Clock = {
    now: () => performance.now(),
    wall: () => Date.now(),
    at(_, callback) {
      turns++;
      const timer = setTimeout(callback, 0);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  const filter = { grep: toLineMatch("/(a?){100}(a?){100}b/") };
  const reading = readLines(book, { filter, range: { limit: 10 }, clock });
  await assertRejects(() => reading, PatternError, "takes too long");
  assert(turns > 5, `${turns} turns`);
});
