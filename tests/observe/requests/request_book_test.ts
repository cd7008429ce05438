import { assertEquals } from "@std/assert";
import type { RequestRecord, RequestView } from "../../../src/core/mod.ts";
import { KEPT_REQUESTS, RequestBook } from "../../../src/observe/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { newRecords, toReceived } from "../../support/request_records.ts";

function open() {
  const clock = new FakeClock();
  const told: RequestView[] = [];
  const watch = { isOn: true };
  const book = new RequestBook({
    clock,
    isWatched: () => watch.isOn,
    tell: (view) => void told.push(view),
  });
  const { records } = newRecords(clock, book);
  const begin = (id: string, path = "/upstream/e/"): RequestRecord => {
    const headers = { "x-request-id": id };
    const record = records.of(toReceived(new Request(`http://localhost${path}`, { headers })));
    record.begin("upstream", "e");
    return record;
  };
  return { clock, book, begin, told, watch };
}

function ids(views: readonly RequestView[]): string[] {
  return views.map(({ id }) => id);
}

Deno.test("the newest come first, of those that run and of those that have ended", async () => {
  const { clock, book, begin } = open();
  const records: RequestRecord[] = [];
  for (const id of ["a", "b", "c", "d"]) {
    records.push(begin(id));
    await clock.advance(1);
  }
  const [a, b, c] = records;
  assertEquals(ids(book.running()), ["d", "c", "b", "a"]);
  a?.end("answered");
  c?.end("left");
  b?.end("answered");
  assertEquals([ids(book.running()), ids(book.recent())], [["d"], ["b", "c", "a"]]);
});

Deno.test("the last 500 are kept, whatever came", () => {
  const { book, begin } = open();
  for (let n = 0; n < KEPT_REQUESTS + 250; n++) begin(`n${n}`).end("answered");
  const kept = ids(book.recent());
  assertEquals([kept.length, kept[0], kept.at(-1)], [500, "n749", "n250"]);
  assertEquals([book.find("n249"), book.find("n250")?.id], [undefined, "n250"]);
});

Deno.test("of one id that is used twice the newest that runs is found, and all that run are cancelled", () => {
  const { book, begin } = open();
  begin("x").end("answered");
  const cancelled: number[] = [];
  for (const n of [1, 2]) {
    const record = begin("x");
    record.canceller = {
      cancel() {
        cancelled.push(n);
        record.end("refused");
      },
    };
  }
  assertEquals(book.find("x")?.progress, { phase: "held" });
  assertEquals([book.cancel("x"), book.cancel("x"), cancelled.toSorted()], [true, false, [1, 2]]);
  assertEquals(
    book.recent().map(({ progress }) => progress.phase === "ended" && progress.outcome),
    [
      "cancelled",
      "cancelled",
      "answered",
    ],
  );
});

Deno.test("what is said after the end does not count", () => {
  const { book, begin } = open();
  let ended = 0;
  const off = book.onEnded(() => void ended++);
  const record = begin("a");
  record.end("left");
  record.end("answered");
  assertEquals([ended, record.outcome, book.recent().length], [1, "left", 1]);
  off();
  begin("b").end("answered");
  assertEquals(ended, 1);
});

Deno.test("a path is told without its query, times as they were also when the wall clock is set later", () => {
  const { clock, book, begin } = open();
  begin("a", "/upstream/e/x?token=secret").end("answered");
  clock.wallStart += 3_600_000;
  const [view] = book.recent();
  assertEquals([view?.path, view?.startedAt], ["/upstream/e/x", "2025-01-01T00:00:00.000Z"]);
  assertEquals(begin("b", `/upstream/e/${"x".repeat(500)}?y`).target.length, 256);
});

Deno.test("changes are told together, each request once, and nothing of them while nobody listens", async () => {
  const { clock, begin, told, watch } = open();
  const record = begin("a");
  record.sends();
  record.answers(200);
  await clock.advance(100);
  assertEquals(told.map(({ id, progress }) => [id, progress.phase]), [["a", "answering"]]);
  watch.isOn = false;
  record.end("answered");
  assertEquals([clock.timers, told.length], [0, 1]);
});

Deno.test("of too many changes the newest are told, and all of those that were told of before", async () => {
  const { clock, begin, told } = open();
  const first = begin("first");
  first.sends();
  await clock.advance(100);
  first.end("answered");
  for (let n = 0; n < 200; n++) begin(`n${n}`).end("answered");
  told.length = 0;
  await clock.advance(100);
  assertEquals([told.length, told[0]?.id, told[1]?.id, told.at(-1)?.id], [
    65,
    "first",
    "n136",
    "n199",
  ]);
});
