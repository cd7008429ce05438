import { assert, assertEquals } from "@std/assert";
import type { EngineView } from "../../src/core/mod.ts";
import {
  answerTime,
  describeEngine,
  describeStatus,
  durationText,
  noticeText,
  timeText,
  troubleOfEngine,
} from "../../src/web/ui/words.js";
import { stoppedView } from "../support/fake_supervisor.ts";

/** 12:04:11 wherever the tests run: the words are in local time. */
const AT = new Date(2025, 0, 1, 12, 4, 11);
const SINCE = AT.toISOString();
const NOW = AT.getTime() + 2_100;

function say(change: Partial<EngineView>) {
  return describeEngine({ ...stoppedView("echo", SINCE), ...change }, NOW);
}

/** Shape, and the sentence that word and note make. */
function sentence(change: Partial<EngineView>): string {
  const { shape, word, note } = say(change);
  return `${shape}: ${word} ${note}`;
}

for (
  const [wanted, change] of [
    ["square: Stopped until something is sent or Start is pressed", {}],
    ["square: Stopped after 5 min without use, 12:04", { reason: "idle" }],
    ["square: Stopped after 2 s without use, 12:04", { reason: "idle", idleTimeoutMs: 2_000 }],
    ["square: Stopped as soon as it was idle, 12:04", { reason: "idle", idleTimeoutMs: 0 }],
    ["square: Stopped by hand, 12:04", { reason: "requested", how: "graceful" }],
    [
      "square: Stopped by hand, it had to be killed, 12:04",
      { reason: "requested", how: "killed" },
    ],
    ["square: Stopped with the program, 12:04", { reason: "shutdown" }],
    ["square: Stopped by itself, 12:04", { reason: "exit" }],
    ["square: Stopped after a crash, 12:04", { reason: "crash" }],
    ["ring: Starting for 2.1 s", { state: "starting" }],
    ["ring: Starting for 2.1 s of about 6 s", { state: "starting", usualStartMs: 6_000 }],
    ["ring: Starting for 2.1 s", { state: "starting", usualStartMs: 250 }],
    ["ring: Starting for 2.1 s, 3 waiting", { state: "starting", queued: 3 }],
    ["ring: Starting for 2.1 s, 3 waiting for 2 s", {
      state: "starting",
      queued: 3,
      queuedSince: new Date(NOW - 2_000).toISOString(),
    }],
    ["ring: Starting just now", { state: "starting", since: new Date(NOW - 999).toISOString() }],
    ["ring: Starting just now", { state: "starting", since: new Date(NOW + 999).toISOString() }],
    ["disc: Ready since 12:04", { state: "ready", readyAt: SINCE }],
    ["bar: Busy with 1 request", { state: "ready", inflight: 1 }],
    ["bar: Busy with 2 requests, 1 waiting", { state: "ready", inflight: 2, queued: 1 }],
    ["half: Draining with 1 request left", { state: "draining", inflight: 1 }],
    ["ring: Stopping for 2.1 s", { state: "stopping" }],
    ["ring: Stopping for 2.1 s, 3 s until the next signal", {
      state: "stopping",
      deadlineAt: new Date(NOW + 2_900).toISOString(),
    }],
    ["half: Draining with 1 request left, 3 s until it is stopped", {
      state: "draining",
      inflight: 1,
      deadlineAt: new Date(NOW + 2_900).toISOString(),
    }],
    ["hollow: Waiting to start again in 8 s after a crash", {
      state: "backoff",
      reason: "crash",
      deadlineAt: new Date(NOW + 7_100).toISOString(),
    }],
    ["hollow: Waiting to start again after a crash", {
      state: "backoff",
      reason: "crash",
      deadlineAt: new Date(NOW + 900).toISOString(),
    }],
    ["square: Stopped after it did not answer, 12:04", { reason: "unhealthy" }],
    ["hollow: Waiting to start again after a crash", { state: "backoff", reason: "crash" }],
    ["hollow: Waiting to start again after it did not answer, 1 waiting", {
      state: "backoff",
      reason: "unhealthy",
      queued: 1,
    }],
    ["hollow: Waiting to start again after it could not be started", {
      state: "backoff",
      reason: "start_failed",
    }],
    ["square: Stopped after it could not be started, 12:04", { reason: "start_failed" }],
    ["triangle: Failed to start, 12:04", { state: "failed", reason: "start_timeout" }],
  ] as const
) {
  Deno.test(`describeEngine() says "${wanted}"`, () => assertEquals(sentence(change), wanted));
}

for (
  const [wanted, change] of [
    ["Stops in 4:12", { stopsAt: new Date(NOW + 252_000).toISOString() }],
    ["Stops in 0:01", { stopsAt: new Date(NOW + 1).toISOString() }],
    ["Stops in 0:00", { stopsAt: new Date(NOW - 5_000).toISOString() }],
    [
      "Stops in 1:00:05",
      { stopsAt: new Date(NOW + 3_605_000).toISOString(), idleTimeoutMs: 7_200_000 },
    ],
    ["Stops 5 min after the last use", { stopsAt: null }],
    ["Stops by itself after 5 min without use", { stopsAt: null, state: "stopped" }],
    ["Stops as soon as it is idle", { stopsAt: SINCE, idleTimeoutMs: 0 }],
    ["Runs until it is stopped", { stopsAt: null, idleTimeoutMs: -1 }],
  ] as const
) {
  Deno.test(`describeEngine() says "${wanted}"`, () => {
    assertEquals(say({ state: "ready", ...change }).idle, wanted);
  });
}

Deno.test("describeEngine() gives the time left in seconds, within its limits", () => {
  const left = (ms: number) =>
    say({ state: "ready", stopsAt: new Date(NOW + ms).toISOString() }).left;
  assertEquals(left(150_000), { value: 150, max: 300 });
  assertEquals(left(400_000), { value: 300, max: 300 });
  assertEquals(left(-1), { value: 0, max: 300 });
  assertEquals(say({}).left, null);
});

for (
  const [state, start, stop, restart] of [
    ["stopped", "Start", null, null],
    ["starting", null, "Cancel", null],
    ["ready", null, "Stop", "Restart"],
    ["draining", null, "Force stop", null],
    ["stopping", null, "Force stop", null],
    ["backoff", "Start now", "Cancel", null],
    ["failed", "Start", null, null],
  ] as const
) {
  Deno.test(`describeEngine() offers what fits the state ${state}`, () => {
    const { actions } = say({ state });
    const offers = Object.values(actions).map((one) => one.blocked === "" ? one.label : null);
    assertEquals(offers, [start, stop, restart]);
    assertEquals(actions.stop.path, stop === "Force stop" ? "stop?force=true" : "stop");
  });
}

Deno.test("a stop is forced only by those who have seen that it takes its time", () => {
  for (const state of ["draining", "stopping"] as const) {
    const { stop } = say({ state, since: new Date(NOW - 499).toISOString() }).actions;
    assertEquals([stop.label, stop.path, stop.blocked], ["Stop", "stop", "It is being stopped."]);
    const { stop: later } = say({ state, since: new Date(NOW - 500).toISOString() }).actions;
    assertEquals([later.label, later.blocked], ["Force stop", ""]);
  }
});

Deno.test("describeEngine() tells an error while it matters", () => {
  const lastError = { code: "crashed", title: "t", detail: "d", remedy: "r", at: SINCE };
  const error = { ...lastError, lastLines: ["l"] };
  assertEquals(say({ state: "failed", lastError: error }).error, error);
  assertEquals(say({ state: "stopped", reason: "crash", lastError: error }).error, error);
  assertEquals(say({ state: "stopped", reason: "unhealthy", lastError: error }).error, error);
  assertEquals(say({ state: "backoff", lastError: error }).error, error);
  assertEquals(say({ state: "ready", lastError: error }).error, null);
  assertEquals(say({ state: "stopped", reason: "idle", lastError: error }).error, null);
});

Deno.test("describeEngine() shows memory and process, or that there is none", () => {
  const text = say({ state: "ready", pid: 7, rssBytes: 41_900_000 });
  assertEquals([text.pid, text.memory], ["7", "42 MB"]);
  assertEquals(say({ rssBytes: 4_120_000_000 }).memory, "4.1 GB");
  assertEquals([say({}).pid, say({}).memory], ["–", "–"]);
});

Deno.test("describeStatus() shows what an engine says, whatever it says", () => {
  assertEquals(describeStatus({ count: 3, uptime: 75.9 }), { count: "3", uptime: "1 min 15 s" });
  assertEquals(describeStatus({ uptime: 0.4 }), { count: "–", uptime: "0 s" });
  for (const status of [null, {}, { count: "3", uptime: [] }]) {
    assertEquals(describeStatus(status), { count: "–", uptime: "–" });
  }
});

for (
  const [ms, wanted] of [
    [0.83, "0.8 ms"],
    [9.99, "10 ms"],
    [320.4, "320 ms"],
    [2_100, "2.1 s"],
    [12_900, "12 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [75_000, "1 min 15 s"],
    [3_599_000, "59 min"],
    [7_500_000, "2 h 5 min"],
    [7_200_000, "2 h"],
  ] as const
) {
  Deno.test(`durationText() says ${wanted}`, () => assertEquals(durationText(ms), wanted));
}

Deno.test("times are local", () => {
  assertEquals([timeText(SINCE), timeText(SINCE, "seconds")], ["12:04", "12:04:11"]);
  assertEquals(answerTime({ at: SINCE, tookMs: 3 }), "12:04:11, after 3 ms");
  assertEquals(noticeText({ detail: "D.", remedy: "R.", at: SINCE }), "D. R. 12:04");
  assertEquals(noticeText({ detail: "D.", at: SINCE }), "D. 12:04");
});

Deno.test("troubleOfEngine() finds the engine's words, or shows its body", () => {
  const detail = (body: string) => troubleOfEngine(500, body).detail;
  assertEquals(detail('{"error":"no model"}'), "no model");
  assertEquals(detail('{"detail":"bad"}'), "bad");
  assertEquals(detail('{"error":{"code":1}}'), '{"error":{"code":1}}');
  assertEquals(detail("null"), "null");
  assertEquals(detail("plain"), "plain");
  assertEquals(detail(""), "It said nothing more.");
  assertEquals(detail("x".repeat(9_999)).length, 500);
  assert(troubleOfEngine(500, "").title.includes("500"));
});
