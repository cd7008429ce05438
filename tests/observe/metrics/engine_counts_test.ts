import { assertEquals } from "@std/assert";
import { EventBus, type StateEvent } from "../../../src/events/mod.ts";
import { countEvents } from "../../../src/observe/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeSupervisor } from "../../support/fake_supervisor.ts";

Deno.test("what a bus tells is counted, at once and by engine; other events are not", () => {
  const events = new EventBus({ boot: "b0", mailboxSize: 2 });
  const supervisor = new FakeSupervisor({ clock: new FakeClock(), events, engines: ["a", "b"] });
  const { engines } = countEvents(events);
  const change = (engine: string, event: Pick<StateEvent, "from" | "to" | "reason" | "tookMs">) =>
    events.publish({ type: "state", engine, view: supervisor.view(engine), ...event });
  for (let i = 0; i < 10; i++) {
    change("a", { from: "starting", to: "ready", reason: "requested", tookMs: 40 });
    change("a", { from: "stopping", to: "stopped", reason: "idle" });
  }
  change("b", { from: "starting", to: "backoff", reason: "crash", tookMs: 5 });
  change("b", { from: "starting", to: "stopping", reason: "requested", tookMs: 5 });
  events.publish({ type: "notice", level: "info", title: "t", detail: "d", at: "" });
  assertEquals([...engines.keys()], ["a", "b"]);
  supervisor.set("b", { inflight: 1 });
  events.publish({ type: "snapshot", engines: [{ ...supervisor.view("b"), name: "c" }] });
  assertEquals([...engines.keys()], ["a", "b", "c"]);
  assertEquals([...engines.get("a")?.starts ?? []], [["ready", 10]]);
  assertEquals([...engines.get("a")?.stops ?? []], [["idle", 10]]);
  assertEquals([...engines.get("b")?.starts ?? []], [["failed", 1], ["cancelled", 1]]);
  const times = engines.get("a")?.startTimes;
  assertEquals([times?.sumMs, times?.counts[0]], [400, 10]);
  events.close();
});
