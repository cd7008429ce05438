/** A soak in words, and what its supervisor held on to that it should not have. */
import type { CyclesReport } from "./cycles.ts";
import type { Holdings } from "./holdings.ts";
import type { SoakReport } from "./soak.ts";
import type { MemoryFacts } from "./subject.ts";

const MEBIBYTE = 1_024 * 1_024;

/** The heap may have grown by so much: compiled code and caches that fill up. */
const HEAP_GROWTH_BYTES = 2 * MEBIBYTE;

/** Of the process that can't be looked into, resident memory: it swings by tens of MiB. */
const RSS_GROWTH_BYTES = 48 * MEBIBYTE;

/** What a supervisor held on to, before and after. */
export type Kept = Pick<SoakReport, "before" | "after" | "memory">;

/** Lines for people. */
export function renderReport(report: SoakReport): string {
  const { tally, troubles, seconds } = report;
  const rate = Math.round((tally.passed + tally.failed) / seconds);
  return [
    ...tally.outcomes.map(([outcome, count]) => row(outcome, String(count))),
    row("engine", [...troubles.counts].map(([kind, count]) => `${count} × ${kind}`).join(", ")),
    row("time", `${seconds.toFixed(1)} s with the pauses for settling, ${rate} requests/s`),
    ...renderKept(report),
  ].join("\n");
}

/** Lines for people. */
export function renderCycles(report: CyclesReport): string {
  const { cycles, seconds } = report;
  const eachMs = (1_000 * seconds / cycles).toFixed(1);
  return [
    row("starts and stops", `${cycles} in ${seconds.toFixed(1)} s, ${eachMs} ms each`),
    ...renderKept(report),
  ].join("\n");
}

function renderKept({ before, after, memory }: Kept): string[] {
  return [
    row("descriptors", `${before.descriptors} before, ${after.descriptors} after`),
    row("in flight, held", `${after.inflight}, ${after.queued}`),
    row("connections to the engine", String(after.engineConnections)),
    ...memory === null ? [] : renderMemory(memory.before, memory.after),
  ];
}

/** What is wrong with what is left; empty = nothing. */
export function judgeReport({ before, after, memory }: Kept): string[] {
  const faults = judgeHoldings(before, after);
  if (memory === null) return faults;
  const growth = heapBytes(memory.after) - heapBytes(memory.before);
  const limit = memory.after.heap === null ? RSS_GROWTH_BYTES : HEAP_GROWTH_BYTES;
  if (growth > limit) faults.push(`memory grew by ${mebibytes(growth)} since the warm-up`);
  return faults;
}

function judgeHoldings(before: Holdings, after: Holdings): string[] {
  const faults: string[] = [];
  const lost = after.descriptors - before.descriptors;
  if (lost > 0) faults.push(`${lost} descriptors were lost`);
  if (after.inflight > 0) faults.push(`${after.inflight} requests are still counted in flight`);
  if (after.queued > 0) faults.push(`${after.queued} requests are still held`);
  if (after.engineConnections > 0) {
    faults.push(`${after.engineConnections} connections to the engine are still open`);
  }
  return faults;
}

function heapBytes({ heap, rssBytes }: MemoryFacts): number {
  return heap === null ? rssBytes : heap.usedBytes + heap.buffersBytes;
}

function renderMemory(before: MemoryFacts, after: MemoryFacts): string[] {
  const pair = (of: (facts: MemoryFacts) => number) =>
    `${mebibytes(of(before))} after the warm-up, ${mebibytes(of(after))} at the end`;
  const heap = after.heap === null
    ? []
    : [row("heap and buffers, after a collection", pair(heapBytes))];
  return [
    ...heap,
    row("resident", pair(({ rssBytes }) => rssBytes)),
    row("proportional (PSS)", pair(({ pssBytes }) => pssBytes)),
  ];
}

function row(name: string, value: string): string {
  return `${name.padEnd(48)} ${value}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
