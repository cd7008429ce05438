import { assertEquals } from "@std/assert";
import type { ErrorView } from "../../../src/core/mod.ts";
import { EventBus, type NoticeEvent } from "../../../src/events/mod.ts";
import { logEvents, type LogRecord } from "../../../src/observe/mod.ts";
import { replayable, stateOf, statusOf, viewOf } from "../../events/support/numbered.ts";

function open(mailboxSize = 256) {
  const bus = new EventBus({ boot: "ab", mailboxSize });
  const lines: string[] = [];
  logEvents(bus, ({ message }) => lines.push(message));
  return { bus, lines };
}

const lastError: ErrorView = {
  code: "crashed",
  title: "Engine crashed",
  detail: "a exited with code 3.",
  remedy: "Read its lines.",
  at: "2025-01-01T00:00:00Z",
  lastLines: [],
};

const NOTICE: NoticeEvent = {
  type: "notice",
  level: "warn",
  title: "Time stood still",
  detail: "8 s did not pass.",
  at: "2025-01-01T00:00:00Z",
};

Deno.test("a change of state is one line, with its reason and how long the one before lasted", () => {
  const { bus, lines } = open();
  bus.publish(stateOf("a", { tookMs: 1_234 }));
  bus.publish(stateOf("a", { from: "ready", to: "draining", reason: "idle" }));
  assertEquals(lines, ["a: ready (requested, starting for 1.2 s)", "a: draining (idle)"]);
});

Deno.test("a failure and a crash say what went wrong and what to do", () => {
  const { bus, lines } = open();
  const view = viewOf("a", { lastError });
  bus.publish(stateOf("a", { to: "failed", reason: "start_failed", view }));
  bus.publish(stateOf("a", { to: "stopped", reason: "crash", view }));
  bus.publish(stateOf("a", { to: "stopped", reason: "idle", view }));
  const why = "Engine crashed. a exited with code 3. Read its lines.";
  assertEquals(lines, [
    `a: failed (start_failed): ${why}`,
    `a: stopped (crash): ${why}`,
    "a: stopped (idle)",
  ]);
});

Deno.test("a notice is one line, with its engine and remedy if it has them", () => {
  const { bus, lines } = open();
  bus.publish(NOTICE);
  bus.publish({ ...NOTICE, engine: "a", remedy: "Do this." });
  assertEquals(lines, [
    "Time stood still: 8 s did not pass.",
    "a: Time stood still: 8 s did not pass. Do this.",
  ]);
});

Deno.test("polls and snapshots are not told", () => {
  const { bus, lines } = open();
  bus.publish(statusOf("a", 1));
  bus.publish({ type: "snapshot", engines: [] });
  assertEquals(lines, []);
});

Deno.test("nothing is told after the bus was closed, everything before", () => {
  const { bus, lines } = open();
  bus.publish(stateOf("a"));
  bus.close();
  bus.publish(stateOf("a"));
  assertEquals(lines, ["a: ready (requested)"]);
  assertEquals(bus.subscribers, 0);
});

Deno.test("what is published while a line is shown comes after it", () => {
  const bus = new EventBus({ boot: "ab" });
  const lines: string[] = [];
  logEvents(bus, ({ message }) => {
    lines.push(message);
    if (lines.length === 1) bus.publish({ ...NOTICE, title: "second" });
  });
  bus.publish(stateOf("a"));
  bus.publish({ ...NOTICE, title: "third" });
  assertEquals(lines.map((line) => line.split(":")[0]), ["a", "second", "third"]);
});

Deno.test("events that overflow while a line is shown are told as a number", () => {
  const bus = new EventBus({ boot: "ab", mailboxSize: 2 });
  const lines: string[] = [];
  logEvents(bus, ({ message }) => {
    lines.push(message);
    if (lines.length === 1) { for (let i = 1; i <= 5; i++) bus.publish(replayable(i)); }
  });
  bus.publish(stateOf("a"));
  assertEquals(lines, ["a: ready (requested)", "… 3 events were not shown", "4: ", "5: "]);
});

Deno.test("a record names the room that speaks, how bad it is, and what it is about", () => {
  const bus = new EventBus({ boot: "ab" });
  const records: LogRecord[] = [];
  logEvents(bus, (record) => records.push(record));
  const exit = { exitCode: 3, how: "graceful" } as const;
  bus.publish(stateOf("a", { from: "ready", to: "stopped", reason: "crash", tookMs: 5, ...exit }));
  bus.publish(NOTICE);
  bus.publish({ ...NOTICE, level: "info", engine: "a" });
  assertEquals(records.map(({ message: _message, ...rest }) => rest), [
    {
      level: "error",
      room: "supervisor",
      action: "state",
      reason: "crash",
      tookMs: 5,
      labels: { engine: "a", from: "ready", to: "stopped", exit_code: "3", how: "graceful" },
    },
    { level: "warn", room: "app", action: "notice" },
    { level: "info", room: "supervisor", action: "notice", labels: { engine: "a" } },
  ]);
});
