import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { LOG_DEFAULTS } from "../../../src/config/mod.ts";
import type { Clock, Timer } from "../../../src/core/mod.ts";
import { LogBook } from "../../../src/observe/mod.ts";
import { LogCursor } from "../../../src/observe/logs/log_cursor.ts";
import { LogSearches, MAX_SEARCHES } from "../../../src/observe/logs/log_searches.ts";
import { PatternError } from "../../../src/observe/logs/pattern_syntax.ts";
import {
  type LineMatch,
  readLines,
  sift,
  toLineMatch,
} from "../../../src/observe/logs/read_lines.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";

function newBook(ringLines = 1_000, clock: Clock = new FakeClock()) {
  return { book: new LogBook({ clock, settings: { ...LOG_DEFAULTS.engine, ringLines } }) };
}

function print(book: LogBook, name: string | null, text: string) {
  book.push(name, { stream: "stdout", text, styled: null });
}

const NAMES = fc.array(fc.constantFrom("a", "b", null), { maxLength: 60 });

Deno.test("of several logs the newest lines are found, in the order they came", async () => {
  const sizes = { limit: fc.integer({ min: 1, max: 70 }), before: fc.integer({ min: 1, max: 70 }) };
  await fc.assert(
    fc.asyncProperty(NAMES, fc.record(sizes), async (names, { limit, before }) => {
      const { book } = newBook();
      names.forEach((name, i) => print(book, name, `${i + 1}`));
      const expected = names.map((_, i) => `${i + 1}`).slice(0, before - 1);
      const found = await readLines(book, { filter: {}, range: { limit, before } });
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

/** Sleeps end in the next round of the event loop; counts them. */
class LoopClock implements Clock {
  turns = 0;

  now(): number {
    return performance.now();
  }

  wall(): number {
    return Date.now();
  }

  at(_: number, callback: () => void): Timer {
    this.turns++;
    const timer = setTimeout(callback, 0);
    return { cancel: () => clearTimeout(timer) };
  }
}

const HARD = "/(a?){100}(a?){100}b/";

/** How they came out. */
async function codesOf(searches: readonly Promise<unknown>[]): Promise<(string | undefined)[]> {
  const results = await Promise.allSettled(searches);
  return results.map((one) => one.status === "rejected" ? one.reason.code : undefined);
}

Deno.test("a pattern that is too much work is given up, and others have their turns meanwhile", async () => {
  const clock = new LoopClock();
  const { book } = newBook(1_000, clock);
  for (let i = 0; i < 60; i++) print(book, "a", "a".repeat(4_000));
  const filter = { grep: toLineMatch(HARD) };
  const reading = readLines(book, { filter, range: { limit: 10 } });
  await assertRejects(() => reading, PatternError, "takes too long");
  assert(clock.turns > 1_000, `${clock.turns} turns`);
});

Deno.test("of all searches one works at a time, a piece of it", async () => {
  const woken: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    wall: () => 0,
    at(_, callback) {
      woken.push(callback);
      return { cancel() {} };
    },
  };
  const { book } = newBook();
  print(book, "a", "text");
  let worked = 0;
  const grep: LineMatch = {
    *search() {
      for (let piece = 0; piece < 3; piece++, worked++) yield;
      return true;
    },
  };
  const options = { filter: { grep }, searches: new LogSearches(clock) };
  const sifting = Array.from({ length: 5 }, () => sift(book.after("a", 0), options));
  for (let turn = 1; turn <= 15; turn++) {
    await settle();
    assertEquals([worked, woken.length], [turn - 1, 1]);
    woken.pop()?.();
  }
  assertEquals((await Promise.all(sifting)).flat().length, 5);
  assertEquals([worked, woken.length], [15, 0]);
});

Deno.test("more searches than there may be are refused, counted, and take nobody's place", async () => {
  const clock = new LoopClock();
  const { book } = newBook(1_000, clock);
  print(book, "a", "a".repeat(400));
  const filter = { grep: toLineMatch(HARD) };
  const read = () => readLines(book, { filter, range: { limit: 10 } });
  const searches = Array.from({ length: MAX_SEARCHES + 2 }, read);
  const bound = { name: "log_searches", engine: null, limit: MAX_SEARCHES } as const;
  assertEquals(book.searches.bounds(), [{ ...bound, used: MAX_SEARCHES, refused: 2 }]);
  const codes = await codesOf(searches);
  assertEquals(codes.filter((code) => code === "queue_full").length, 2);
  assertEquals(codes.slice(0, MAX_SEARCHES).filter((code) => code !== undefined), []);
  await read();
  assertEquals(book.searches.bounds(), [{ ...bound, used: 0, refused: 2 }]);
});
