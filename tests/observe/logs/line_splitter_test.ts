import { assert, assertEquals, assertLessOrEqual, assertNotMatch, fail } from "@std/assert";
import fc from "fast-check";
import { LineSplitter, type LineTaker } from "../../../src/observe/logs/line_splitter.ts";

const encoder = new TextEncoder();

/** A taker that wants everything. */
function takeAll(onLine: (line: string) => void): LineTaker {
  return { wants: () => true, onLine, onSkipped: () => fail("nothing is to be skipped") };
}

/** The lines of `chunks`, with the last one ended. */
function linesOf(chunks: readonly (Uint8Array | string)[], maxLineBytes?: number): string[] {
  const lines: string[] = [];
  const options = maxLineBytes === undefined ? {} : { maxLineBytes };
  const splitter = new LineSplitter(takeAll((line) => lines.push(line)), options);
  for (const chunk of chunks) {
    splitter.write(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
  }
  splitter.end();
  return lines;
}

Deno.test("lines end at newlines, with or without a carriage return; empty ones count", () => {
  assertEquals(linesOf(["a\nb\r\n\n\r\nc"]), ["a", "b", "", "", "c"]);
  assertEquals(linesOf(["\n\n\n"]), ["", "", ""]);
  assertEquals(linesOf(["a\n"]), ["a"]);
  assertEquals(linesOf(["", ""]), []);
});

Deno.test("a last line without a newline is held until the end, and ended once", () => {
  const lines: string[] = [];
  const splitter = new LineSplitter(takeAll((line) => lines.push(line)));
  splitter.write(encoder.encode("a\nb"));
  assertEquals(lines, ["a"]);
  splitter.end();
  splitter.end();
  assertEquals(lines, ["a", "b"]);
  splitter.write(encoder.encode("c\n"));
  assertEquals(lines, ["a", "b", "c"]);
});

const SAMPLE = encoder.encode(
  "plain\r\n\r\n\ngrün 日本 😀 end\n\x1b[1;31mred\x1b[0m\r\n0123456789012345678901234é6789\r\n" +
    "\x1b]0;title\x07after\ntail 😀",
);

Deno.test("a cut at any byte makes no difference", () => {
  for (const maxLineBytes of [25, 4_096]) {
    const whole = linesOf([SAMPLE], maxLineBytes);
    for (let at = 0; at <= SAMPLE.length; at++) {
      const cut = linesOf([SAMPLE.subarray(0, at), SAMPLE.subarray(at)], maxLineBytes);
      assertEquals(cut, whole, `cut at ${at}`);
    }
    assertEquals(linesOf([...SAMPLE].map((byte) => Uint8Array.of(byte)), maxLineBytes), whole);
  }
});

Deno.test("any cuts of any bytes make no difference", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom("\n", "\r\n", "\x1b[", "é", "日", "😀", "\r").map((s) => encoder.encode(s)),
  );
  fc.assert(fc.property(fc.array(piece), fc.integer({ min: 1, max: 30 }), (pieces, limit) => {
    const all = Uint8Array.from(pieces.flatMap((one) => [...one]));
    assertEquals(linesOf(pieces, limit), linesOf([all], limit));
  }));
});

Deno.test("10 MB without a newline are one line of bounded length that says what is missing", () => {
  const chunk = new Uint8Array(65_536).fill(0x61);
  const count = 160;
  const lines = linesOf(Array.from({ length: count }, () => chunk));
  assertEquals(lines.length, 1);
  assertEquals(lines[0], `${"a".repeat(4_096)}… (${count * 65_536 - 4_096} bytes more)`);
});

Deno.test("the line after one that was too long is whole again", () => {
  assertEquals(linesOf(["0123456789abc\nnext\n"], 10), ["0123456789… (3 bytes more)", "next"]);
});

Deno.test("a line of just the limit is whole, its carriage return does not count", () => {
  assertEquals(linesOf(["0123456789\n"], 10), ["0123456789"]);
  assertEquals(linesOf(["0123456789\r\n"], 10), ["0123456789"]);
  assertEquals(linesOf(["0123456789", "\r", "\n"], 10), ["0123456789"]);
  assertEquals(linesOf(["0123456789x\r\n"], 10), ["0123456789… (1 bytes more)"]);
  assertEquals(linesOf(["0123456789\r\r\n"], 10), ["0123456789… (1 bytes more)"]);
});

for (const character of ["é", "日", "😀"]) {
  Deno.test(`a ${character} that the limit would cut in two is left out and counted`, () => {
    const bytes = encoder.encode(character).length;
    for (let fits = 0; fits <= bytes; fits++) {
      const text = `${"a".repeat(10 - fits)}${character}bc`;
      const kept = fits === bytes ? text.slice(0, -2) : "a".repeat(10 - fits);
      const more = fits === bytes ? 2 : bytes + 2;
      assertEquals(linesOf([text], 10), [`${kept}… (${more} bytes more)`], `${fits} bytes fit`);
    }
  });
}

Deno.test("invalid UTF-8 becomes replacement characters and stops nothing", () => {
  const bytes = Uint8Array.of(0x61, 0xff, 0xfe, 0x80, 0x62, 0x0a, 0xe6, 0x97, 0x0a, 0x63, 0x0a);
  assertEquals(linesOf([bytes]), ["a\ufffd\ufffd\ufffdb", "\ufffd", "c"]);
  assertEquals(linesOf([new Uint8Array(20).fill(0x80)], 10).length, 1);
});

const STEERING: readonly (readonly [what: string, bytes: string, text: string])[] = [
  ["colours", "\x1b[1;31mred\x1b[0m", "red"],
  ["cursor movement and erasing", "\x1b[2J\x1b[H\x1b[?25lx\x1b[3A", "x"],
  ["a window title ended by BEL", "\x1b]0;evil\x07x", "x"],
  ["a window title ended by ST", "\x1b]0;evil\x1b\\x", "x"],
  ["a link", "\x1b]8;;http://evil/\x1b\\x\x1b]8;;\x1b\\", "x"],
  ["a window title without an end", "x\x1b]0;evil", "x"],
  ["a character set", "\x1b(B\x1b[mx", "x"],
  ["a reset", "\x1bcx", "x"],
  ["an escape at the end", "x\x1b", "x"],
  ["half an escape", "x\x1b[12", "x12"],
  ["an escape before a wide character", "\x1b😀", "😀"],
  ["an escape within an escape", "\x1b\x1b[31mx", "x"],
  ["one made by taking out another", "\x1b\x1b[m[31mx", "[31mx"],
  ["8-bit introducers", "\x9b31mx\x9d0;t\x9c", "31mx0;t"],
  ["backspace, bell, null and delete", "a\bb\x07c\0d\x7f", "abcd"],
  ["carriage returns within", "10%\r20%\r", "10% 20%"],
  ["line and paragraph separators", "a\u2028[ai-engine] b\u2029c", "a [ai-engine] b c"],
  ["vertical tab and form feed", "a\vb\fc", "abc"],
];

for (const [what, bytes, text] of STEERING) {
  Deno.test(`a line is shown without ${what}`, () => {
    assertEquals(linesOf([bytes]), [text]);
  });
}

Deno.test("a tab stays", () => assertEquals(linesOf(["a\tb"]), ["a\tb"]));

Deno.test("no bytes make a line that steers a terminal, or one over its limit", () => {
  const byte = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0x1b, 0x5b, 0x5d, 0xc2, 0x9b, 0x0d));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 200, size: "max" }), (bytes) => {
      for (const line of linesOf([Uint8Array.from(bytes)], 50)) {
        // deno-lint-ignore no-control-regex
        assertNotMatch(line, /[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
        assertLessOrEqual(line.length, 50 + "… (200 bytes more)".length);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("a taker that throws leaves no half line behind", () => {
  const lines: string[] = [];
  let isBad = true;
  const splitter = new LineSplitter(takeAll((line) => {
    if (isBad) throw new Error("taker");
    lines.push(line);
  }));
  let hasThrown = false;
  try {
    splitter.write(encoder.encode("one\n"));
  } catch {
    hasThrown = true;
  }
  isBad = false;
  splitter.write(encoder.encode("two\n"));
  assert(hasThrown);
  assertEquals(lines, ["two"]);
});

/** Takes lines only while `isOpen`. */
class Valve implements LineTaker {
  isOpen = true;
  /** Lines as texts, skipped ones as numbers. */
  readonly seen: (string | number)[] = [];
  wants = () => this.isOpen;
  onLine = (line: string) => void this.seen.push(line);
  onSkipped = (lines: number) => void this.seen.push(lines);
}

Deno.test("lines that are not wanted are counted, but for the last of them", () => {
  const valve = new Valve();
  const splitter = new LineSplitter(valve);
  splitter.write(encoder.encode("before\nhal"));
  valve.isOpen = false;
  splitter.write(encoder.encode(`f\n${"skipped line\n".repeat(100_000)}last`));
  splitter.write(encoder.encode(" one\nnex"));
  assertEquals(valve.seen, ["before"]);
  valve.isOpen = true;
  splitter.write(encoder.encode("t\n"));
  const [first, skipped, ...rest] = valve.seen;
  assertEquals([first, rest.at(-2), rest.at(-1)], ["before", "last one", "next"]);
  const kept = rest.filter((line) => line === "skipped line").length;
  assert(kept > 0 && typeof skipped === "number");
  assertEquals(skipped + kept, 100_001, "with the half line");
});

Deno.test("what was skipped is told at the end, too, and by settle(), once", () => {
  const valve = new Valve();
  const splitter = new LineSplitter(valve);
  valve.isOpen = false;
  splitter.write(encoder.encode("a\nb\r\n"));
  splitter.settle();
  splitter.settle();
  assertEquals(valve.seen, ["a", "b"]);
  splitter.write(encoder.encode(`${"x".repeat(5_000)}\nc\nhalf`));
  splitter.end();
  assertEquals(valve.seen, ["a", "b", 1, "c", "half"]);
});

Deno.test("of any lines, wanted or not, each is given or counted exactly once, in order", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "b\r", "\x00"), maxLength: 30 });
  const long = fc.constant("y".repeat(3_000));
  const step = fc.record({
    lines: fc.array(fc.oneof(text, long), { maxLength: 8 }),
    cut: fc.nat({ max: 40 }),
    isOpen: fc.boolean(),
    settles: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 5, max: 5_000 }), (
    steps,
    maxLineBytes,
  ) => {
    const valve = new Valve();
    const splitter = new LineSplitter(valve, { maxLineBytes });
    for (const { lines, cut, isOpen, settles } of steps) {
      const bytes = encoder.encode(lines.map((line) => `${line}\n`).join(""));
      splitter.write(bytes.subarray(0, cut));
      valve.isOpen = isOpen;
      splitter.write(bytes.subarray(cut));
      if (settles) splitter.settle();
    }
    splitter.end();
    const all = steps.flatMap(({ lines }) => lines.map((line) => `${line}\n`));
    const whole = linesOf(all, maxLineBytes);
    let at = 0;
    for (const one of valve.seen) {
      if (typeof one === "number") at += one;
      else assertEquals(one, whole[at++]);
    }
    assertEquals(at, whole.length);
  }));
});
