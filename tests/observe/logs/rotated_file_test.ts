import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { LOG_DEFAULTS, type RotationSettings } from "../../../src/config/mod.ts";
import { RotatedFile } from "../../../src/observe/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeLogFiles } from "./support/fake_log_files.ts";

const PATH = "/logs/a.log";

function open(
  rotation: Partial<RotationSettings> = {},
  toNote: (text: string) => string = (text) => text,
) {
  const clock = new FakeClock();
  const files = new FakeLogFiles();
  const troubles: string[] = [];
  const file = new RotatedFile({
    path: PATH,
    files,
    clock,
    rotation: { ...LOG_DEFAULTS.rotation, ...rotation },
    toNote,
    onTrouble: (path, why) => void troubles.push(`${path}: ${why}`),
  });
  /** Appends and lets it be written. */
  const print = async (...lines: readonly string[]) => {
    for (const line of lines) file.append(line);
    await clock.advance(100);
  };
  return { clock, files, troubles, file, print };
}

Deno.test("lines are written together after a moment; flush() does not wait for it", async () => {
  const { clock, files, file } = open();
  file.append("one");
  file.append("two");
  await clock.advance(99);
  assertEquals(files.names, []);
  await clock.advance(1);
  assertEquals(files.text(PATH), "one\ntwo\n");
  file.append("three");
  await file.flush();
  assertEquals(files.text(PATH), "one\ntwo\nthree\n");
  assertEquals(file.counts, { stored: 3, lost: 0 });
  assertEquals([files.opened, clock.timers], [0, 0]);
});

Deno.test("a full file is rotated, the oldest go, none is larger than it may be", async () => {
  const { files, print } = open({ fileBytes: 12, archives: 2 });
  for (let i = 1; i <= 7; i++) await print(`line${i}`);
  assertEquals(files.names, [PATH, `${PATH}.1`, `${PATH}.2`]);
  assertEquals(files.text(PATH), "line7\n");
  assertEquals(files.text(`${PATH}.1`), "line5\nline6\n");
  assertEquals(files.text(`${PATH}.2`), "line3\nline4\n");
});

Deno.test("many lines at once fill several files", async () => {
  const { files, print } = open({ fileBytes: 12, archives: 9 });
  await print(..."abcdefgh".split("").map((letter) => letter.repeat(5)));
  assertEquals(files.names.length, 4);
  assertEquals(files.text(`${PATH}.3`), "aaaaa\nbbbbb\n");
});

Deno.test("the total counts files of another size, too: those left by other settings", async () => {
  const { files, print } = open({ fileBytes: 10, archives: 5, totalBytes: 30 });
  files.put(`${PATH}.1`, "x".repeat(15));
  files.put(`${PATH}.2`, "x".repeat(5));
  await print("12345678", "new");
  assertEquals(files.names, [PATH, `${PATH}.1`]);
  assertEquals([files.text(PATH), files.text(`${PATH}.1`)], ["new\n", "12345678\n"]);
});

Deno.test("without archives the file begins anew", async () => {
  const { files, print } = open({ fileBytes: 8, archives: 0 });
  await print("12345", "67890");
  assertEquals(files.names, [PATH]);
  assertEquals(files.text(PATH), "67890\n");
});

Deno.test("a line longer than a file may be gets a file of its own", async () => {
  const { files, print } = open({ fileBytes: 8 });
  await print("a", "x".repeat(20), "b");
  assertEquals(files.text(`${PATH}.1`), `${"x".repeat(20)}\n`);
  assertEquals(files.text(PATH), "b\n");
});

Deno.test("what fails only when the file is closed is lost, counted and told once", async () => {
  const { clock, files, file, troubles, print } = open();
  await print("one");
  files.failsAtClose = true;
  await print("two", "three");
  assertEquals(troubles, [`${PATH}: Disk quota exceeded`]);
  assertEquals(file.counts, { stored: 1, lost: 2 });
  files.failsAtClose = false;
  await clock.advance(1_000);
  await print("four");
  const missing = "… 2 lines are missing here: they could not be written";
  assertEquals(files.text(PATH), `one\n${missing}\nfour\n`);
  assertEquals([file.counts, files.opened], [{ stored: 2, lost: 2 }, 0]);
});

Deno.test("a file that was removed or moved away is made anew, and no line is lost", async () => {
  const { files, file, print } = open();
  await print("one");
  await files.remove(PATH);
  await print("two");
  await files.rename(PATH, "/elsewhere");
  await print("three");
  assertEquals(files.text("/elsewhere"), "two\n");
  assertEquals(files.text(PATH), "three\n");
  assertEquals(file.counts, { stored: 3, lost: 0 });
});

Deno.test("a full disk: one notice, the lines are counted, a note says how many once it works", async () => {
  const { clock, files, file, print, troubles } = open();
  await print("one");
  files.room = 5;
  await print("two", "three");
  assertEquals(files.text(PATH), "one\ntwo\nt");
  assertEquals(troubles, [`${PATH}: No space left on device`]);
  await print("four");
  await clock.advance(1_000);
  await print("five", "six");
  files.room = Infinity;
  await print("seven");
  assertEquals(file.counts, { stored: 2, lost: 5 });
  await clock.advance(2_000);
  await print("eight");
  assertEquals(file.counts, { stored: 3, lost: 5 });
  assertEquals(
    files.text(PATH),
    "one\ntwo\nt\n… 5 lines are missing here: they could not be written\neight\n",
  );
  assertEquals(troubles.length, 1);
});

Deno.test("what says that lines are missing has the form of the file", async () => {
  const { clock, files, print } = open({}, (message) => JSON.stringify({ message }));
  files.broken = true;
  await print('{"message":"lost"}');
  files.broken = false;
  await clock.advance(1_000);
  await print('{"message":"kept"}');
  const messages = files.text(PATH).trimEnd().split("\n").map((line) => JSON.parse(line).message);
  assertEquals(messages, ["… 1 lines are missing here: they could not be written", "kept"]);
});

Deno.test("while it can't be written it is tried ever less often, at least once a minute", async () => {
  const { clock, files, file } = open();
  files.broken = true;
  const tries: number[] = [];
  files.onTry = () => tries.push(clock.now());
  for (let i = 0; i < 4_000; i++) {
    file.append("x");
    await clock.advance(100);
  }
  const pauses = tries.slice(1).map((at, i) => Math.round((at - (tries[i] ?? 0)) / 1_000));
  assertEquals(pauses.slice(0, 8), [1, 2, 4, 8, 16, 32, 60, 60]);
  assertEquals(file.counts, { stored: 0, lost: 4_000 });
});

Deno.test("trouble that comes back soon is not told again, after a good minute it is", async () => {
  const { clock, files, print, troubles } = open();
  const fail = async () => {
    files.broken = true;
    await print("x");
    files.broken = false;
    await clock.advance(60_000);
    await print("y");
  };
  await fail();
  await clock.advance(1_000);
  files.broken = true;
  await print("x");
  assertEquals(troubles.length, 2, "it was good for a minute");
  files.broken = false;
  await clock.advance(2_000);
  await print("y");
  await fail();
  assertEquals(troubles.length, 2);
});

Deno.test("a disk that hangs holds up nobody, and what waits is bounded", async () => {
  const { clock, files, file } = open();
  const release = files.hang();
  const line = "x".repeat(1_000);
  for (let i = 0; i < 20_000; i++) file.append(line);
  await clock.advance(100);
  for (let i = 0; i < 10; i++) file.append(line);
  const { lost } = file.counts;
  assert(lost > 10_000, `${lost} lost`);
  release();
  await file.flush();
  assertEquals(file.counts, { stored: 20_010 - lost, lost });
  assertLessOrEqual(files.text(PATH).length, 10_000_000);
});

Deno.test("under any sizes and failures each line is stored or counted as lost, once", async () => {
  const step = fc.record({
    lines: fc.nat({ max: 12 }),
    fault: fc.constantFrom("none", "none", "full", "broken", "removed", "short writes"),
    room: fc.nat({ max: 60 }),
    waitMs: fc.constantFrom(0, 50, 100, 1_500, 70_000),
  });
  const rotation = fc.record({
    fileBytes: fc.integer({ min: 1, max: 80 }),
    archives: fc.integer({ min: 0, max: 3 }),
    totalBytes: fc.integer({ min: 1, max: 200 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), rotation, async (steps, rotation) => {
      const { clock, files, file } = open(rotation);
      let printed = 0;
      let removed = 0;
      files.onRemoved = (text) => removed += wholeLines(text).length;
      for (const { lines, fault, room, waitMs } of steps) {
        files.broken = fault === "broken";
        files.room = fault === "full" ? room : Infinity;
        files.writesAtMost = fault === "short writes" ? 3 : Infinity;
        if (fault === "removed") await files.remove(PATH);
        for (let i = 0; i < lines; i++) file.append(`line ${printed++}.`);
        await clock.advance(waitMs);
      }
      await file.flush();
      const inOrder = files.names.toReversed().flatMap((name) => wholeLines(files.text(name)));
      const { stored, lost } = file.counts;
      assertEquals(stored + lost, printed);
      assertEquals(inOrder.length + removed, stored);
      assertEquals(inOrder, inOrder.toSorted((a, b) => a - b));
      assertEquals(new Set(inOrder).size, inOrder.length);
      assertLessOrEqual(files.names.length, rotation.archives + 1);
      assertEquals(files.opened, 0);
    }),
    { numRuns: 1_000 },
  );
});

/** The numbers of the lines that are in `text` whole. */
function wholeLines(text: string): number[] {
  return Array.from(text.matchAll(/^line (\d+)\.$/gm), ([, number]) => Number(number));
}
