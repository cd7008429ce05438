import { assertEquals, assertRejects } from "@std/assert";
import { AdmissionError, RequestError } from "../../src/core/mod.ts";
import { recorded, traceFields } from "../../src/supervisor/recorded.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { newRecords, toReceived } from "../support/request_records.ts";

function open(signal?: AbortSignal) {
  const { book, records } = newRecords(new FakeClock());
  const headers = {
    "traceparent": `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    "tracestate": "x=1",
    "x-request-id": "mine",
  };
  const record = records.of(toReceived(new Request("http://localhost/in", { headers })));
  const options = { record, way: "input", engine: "e", signal } as const;
  return { book, record, options };
}

/** Never done; rejects with what the signal says. */
function untilCancelled(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

function outcomeOf({ book }: ReturnType<typeof open>): unknown {
  assertEquals(book.running(), []);
  const [view] = book.recent();
  return view?.progress.phase === "ended" && [view.progress.outcome, view.errorCode, view.engine];
}

Deno.test("what is done is told as answered", async () => {
  const world = open();
  assertEquals(await recorded(world.options, () => Promise.resolve("done")), "done");
  assertEquals(outcomeOf(world), ["answered", null, "e"]);
});

Deno.test("what is cancelled by hand ends with an error that says so", async () => {
  const world = open();
  const work = recorded(world.options, untilCancelled);
  assertEquals(world.book.cancel("mine"), true);
  assertEquals((await assertRejects(() => work, AdmissionError)).code, "stopped_by_user");
  assertEquals(outcomeOf(world), ["cancelled", "stopped_by_user", "e"]);
});

Deno.test("a caller who leaves has left, whatever the error", async () => {
  const caller = new AbortController();
  const world = open(caller.signal);
  const work = recorded(world.options, untilCancelled);
  caller.abort(new RequestError("bad_request", { detail: "gone", remedy: "none" }));
  await assertRejects(() => work, RequestError);
  assertEquals(outcomeOf(world), ["left", null, "e"]);
});

Deno.test("what fails is refused; without a record nothing is told", async () => {
  const world = open();
  await assertRejects(() => recorded(world.options, () => Promise.reject(new TypeError("oh"))));
  assertEquals(outcomeOf(world), ["refused", "internal", "e"]);
  const done = recorded({ ...world.options, record: undefined }, () => Promise.resolve(1));
  assertEquals([await done, world.book.recent().length], [1, 1]);
});

Deno.test("the engine is told the trace with a span of ours", () => {
  const { record } = open();
  assertEquals(traceFields(record), [
    ["traceparent", `00-${"a".repeat(32)}-${"01".repeat(8)}-01`],
    ["tracestate", "x=1"],
    ["x-request-id", "mine"],
  ]);
  assertEquals(traceFields(undefined), []);
});
