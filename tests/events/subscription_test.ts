import { assertEquals } from "@std/assert";
import { EventBus } from "../../src/events/mod.ts";

function busWith(events: number, ringSize = 1_000): EventBus {
  const bus = new EventBus({ boot: "b0", ringSize });
  for (let i = 1; i <= events; i++) {
    const notice = { title: `n${i}`, detail: "d", at: "2025-01-01T00:00:00Z" };
    bus.publish({ type: "notice", level: "info", ...notice });
  }
  return bus;
}

Deno.test("a subscription says how much of what was missed it begins with", () => {
  assertEquals(busWith(5).subscribe().replay, "none");
  assertEquals(busWith(5).subscribe({ after: "b0.3" }).replay, "full");
  assertEquals(busWith(5).subscribe({ after: "b0.5" }).replay, "full");
  assertEquals(busWith(5, 2).subscribe({ after: "b0.1" }).replay, "partial");
  assertEquals(busWith(5).subscribe({ after: "b1.3" }).replay, "none");
});

Deno.test("a mailbox opened after close() is closed at once", () => {
  const bus = busWith(0);
  bus.close();
  assertEquals([bus.subscribe().isClosed, bus.subscribers], [true, 0]);
});

Deno.test("latest() without an engine finds what is about none", () => {
  const bus = busWith(2);
  bus.publish({ type: "notice", level: "info", engine: "e", title: "t", detail: "d", at: "" });
  assertEquals([bus.latest("notice")?.title, bus.latest("notice", "e")?.title], ["n2", "t"]);
});
