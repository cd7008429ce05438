import { assertEquals } from "@std/assert";
import type { EngineView, RequestView } from "../../src/core/mod.ts";
import {
  bandsOf,
  type Chart,
  CHARTS,
  chartText,
  HEIGHT,
  History,
  pathOf,
  rowsOf,
  SLOT_MS,
  SLOTS,
  topOf,
} from "../../src/web/ui/words_charts.js";
import { stoppedView } from "../support/fake_supervisor.ts";

const NOW = Math.floor(Date.UTC(2025, 0, 1, 12, 4, 11) / SLOT_MS) * SLOT_MS;

function view(change: Partial<EngineView> = {}): EngineView {
  return { ...stoppedView("echo", new Date(NOW).toISOString()), ...change };
}

function ended(at: number, totalMs: number): RequestView {
  return {
    ...{
      id: `r${at} ${totalMs}`,
      traceId: "0",
      way: "input",
      engine: "echo",
      model: null,
      method: "POST",
    },
    ...{ path: "/", status: 200, errorCode: null, heldMs: 0, firstByteMs: 1 },
    ...{ bytesIn: 1, bytesOut: 1, tokensIn: null, tokensOut: null, totalMs },
    progress: { phase: "ended", outcome: "answered" },
    startedAt: new Date(at - totalMs).toISOString(),
  } as RequestView;
}

function chart(id: string): Chart {
  const found = CHARTS.find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

Deno.test("History: a view goes on until another comes", () => {
  const history = new History();
  history.addView(view({ state: "ready", rssBytes: 40e6, inflight: 2 }), NOW);
  history.addView(view(), NOW + 3 * SLOT_MS);
  const slots = history.slots(NOW + 4 * SLOT_MS);
  assertEquals(slots.length, SLOTS);
  assertEquals(slots.slice(-5).map(({ word }) => word), [
    "Busy",
    "Busy",
    "Busy",
    "Stopped",
    "Stopped",
  ]);
  assertEquals(slots.slice(-6).map(({ memory }) => memory), [null, 40e6, 40e6, 40e6, 40e6, null]);
  assertEquals(slots.slice(-6).map(({ inflight }) => inflight), [null, 2, 2, 2, 2, 0]);
});

Deno.test("History: within a slot the most in flight counts, and the newest state", () => {
  const history = new History();
  history.addView(view({ state: "ready", inflight: 1 }), NOW);
  history.addView(view({ state: "ready", inflight: 9 }), NOW + 10);
  history.addView(view({ state: "ready", inflight: 0 }), NOW + 20);
  const slot = history.slots(NOW + 30).at(-1);
  assertEquals([slot?.inflight, slot?.word], [9, "Ready"]);
});

Deno.test("History: while nothing is told there is nothing", () => {
  const history = new History();
  history.addView(view({ state: "ready" }), NOW);
  history.pause(NOW + SLOT_MS);
  history.addView(view({ state: "ready" }), NOW + 4 * SLOT_MS);
  const words = history.slots(NOW + 4 * SLOT_MS).slice(-5).map(({ word }) => word);
  assertEquals(words, ["Ready", "Ready", null, null, "Ready"]);
});

Deno.test("History: a request counts in the slot of its end, by the nearest rank", () => {
  const history = new History();
  for (let ms = 1; ms <= 100; ms++) history.addRequest(ended(NOW + ms, ms));
  history.addRequest({ ...ended(NOW, 5), progress: { phase: "answering" } });
  history.addRequest({ ...ended(NOW, 5), totalMs: null });
  for (let again = 0; again < 500; again++) history.addRequest(ended(NOW + 100, 100));
  const [before, slot] = history.slots(NOW + SLOT_MS - 1).slice(-2);
  assertEquals([before?.p50, slot?.p50, slot?.p95], [null, 50, 95]);
});

Deno.test("History: what is older than its slots is let go", () => {
  const history = new History();
  history.addRequest(ended(NOW, 10));
  history.addView(view(), NOW);
  const slots = history.slots(NOW + SLOTS * SLOT_MS);
  assertEquals(slots.some(({ p50 }) => p50 !== null), false);
  assertEquals(slots.every(({ word }) => word === "Stopped"), true);
});

Deno.test("a path has a gap where nothing is, and a dot for what stands alone", () => {
  assertEquals(pathOf([null, null], 0), "");
  assertEquals(pathOf([0, 10, null, 5], 10), `M0 ${HEIGHT - 1}h0L1 1M3 20h0`);
  assertEquals(pathOf([0, 0], 0), `M0 ${HEIGHT - 1}h0L1 ${HEIGHT - 1}`);
  assertEquals([topOf([null, 3, 9, 1]), topOf([])], [9, 0]);
});

Deno.test("states that follow each other are one band", () => {
  const history = new History();
  history.addView(view({ state: "ready" }), NOW);
  history.addView(view(), NOW + 2 * SLOT_MS);
  assertEquals(bandsOf(history.slots(NOW + 2 * SLOT_MS)), [
    { x: SLOTS - 3, width: 2, tone: "ok", word: "Ready" },
    { x: SLOTS - 1, width: 1, tone: "muted", word: "Stopped" },
  ]);
});

Deno.test("in words: now and the highest; the latest of what only happens at times", () => {
  const history = new History();
  const say = (id: string, at: number) => chartText(chart(id), history.slots(at));
  assertEquals(say("latency", NOW), "nothing yet");
  history.addView(view({ state: "ready", rssBytes: 80e6, inflight: 3 }), NOW);
  history.addRequest(ended(NOW, 310));
  history.addRequest(ended(NOW + SLOT_MS, 84));
  history.addView(view(), NOW + SLOT_MS);
  const at = NOW + 2 * SLOT_MS;
  assertEquals(
    say("latency", at),
    "half within: latest 84 ms, highest 310 ms; 95 % within: latest 84 ms, highest 310 ms",
  );
  assertEquals(say("memory", at), "now none, highest 80 MB");
  assertEquals(say("inflight", at), "now 0, highest 3");
});

Deno.test("the table has a row for each slot in which anything was seen, the newest first", () => {
  const history = new History();
  history.addRequest(ended(NOW - 10 * SLOT_MS, 84));
  history.addView(view({ state: "ready", rssBytes: 80e6, inflight: 3 }), NOW);
  const rows = rowsOf(history.slots(NOW)).map((row) => row.slice(1));
  assertEquals(rows, [["Busy", "–", "–", "80 MB", "3"], ["–", "84 ms", "84 ms", "–", "–"]]);
});
