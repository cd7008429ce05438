// @ts-check
/**
 * The last ten minutes of an engine as pictures and as a table: what was seen of it, cut into slots.
 * The server draws with it what it knows when the page is asked for, the browser goes on from there.
 * It touches no document.
 *
 * @import { EngineState, EngineView, RequestView } from "../../core/mod.ts"
 * @module
 */
import { describeEngine, durationText, sizeText, timeText } from "./words.js";

/** How many points a chart has. */
export const SLOTS = 120;
export const SLOT_MS = 5_000;

/** The height of a chart in its own units; each slot is one wide. */
export const HEIGHT = 40;

/** More requests than these in one slot are not looked at. */
const MOST_TIMES = 500;

/**
 * What was seen within one slot; `null` = nothing.
 *
 * @typedef {object} Slot
 * @property {number} at When it began; wall clock in milliseconds.
 * @property {number | null} p50 Milliseconds, of the requests that ended in it.
 * @property {number | null} p95
 * @property {number | null} memory The most, in bytes.
 * @property {number | null} inflight The most at once.
 * @property {{ memory: number | null, inflight: number | null }} end Both at its end.
 * @property {string | null} word The state, as the page calls it.
 * @property {string | null} tone
 */

/** @typedef {"p50" | "p95" | "memory" | "inflight"} Series */

/** One slot while it is filled. @typedef {Omit<Slot, "p50" | "p95"> & { times: Map<string, number> }} Filling; times by the ids of requests. */

/** What was seen of one engine, by slots; what is older than the newest of them allows is let go. */
export class History {
  /** By number of slot since 1970. @type {Map<number, Filling>} */
  #slots = new Map();
  /** The newest view goes on until another comes. @type {EngineView | null} */
  #view = null;
  #viewSlot = 0;

  /** The engine as it was `at`. @param {EngineView} view @param {number} at */
  addView(view, at) {
    this.#carryOn(at);
    this.#view = view;
    this.#viewSlot = slotOf(at);
    this.#see(view, this.#viewSlot);
  }

  /** From now on nothing is told of it, until another view comes. @param {number} now */
  pause(now) {
    this.#carryOn(now);
    this.#view = null;
  }

  /** A request; it counts once it has ended, and once. @param {RequestView} request */
  addRequest({ id, progress, startedAt, totalMs }) {
    if (progress.phase !== "ended" || totalMs === null) return;
    const { times } = this.#at(slotOf(Date.parse(startedAt) + totalMs));
    if (times.size < MOST_TIMES) times.set(id, totalMs);
  }

  /** The slots up to `now`, oldest first. @param {number} now @returns {Slot[]} */
  slots(now) {
    this.#carryOn(now);
    const last = slotOf(now);
    for (const slot of this.#slots.keys()) if (slot <= last - SLOTS) this.#slots.delete(slot);
    return Array.from({ length: SLOTS }, (_, i) => {
      const slot = last - SLOTS + 1 + i;
      const { times, ...seen } = this.#slots.get(slot) ?? empty(slot);
      const sorted = [...times.values()].sort((a, b) => a - b);
      return { ...seen, p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95) };
    });
  }

  /** Nothing was told since: all is as it was. @param {number} now */
  #carryOn(now) {
    if (this.#view === null) return;
    const last = slotOf(now);
    const first = Math.max(this.#viewSlot + 1, last - SLOTS + 1);
    for (let slot = first; slot <= last; slot++) this.#see(this.#view, slot);
    this.#viewSlot = Math.max(this.#viewSlot, last);
  }

  /** @param {EngineView} view @param {number} slot */
  #see(view, slot) {
    const seen = this.#at(slot);
    const { word, tone } = describeEngine(view, slot * SLOT_MS);
    seen.memory = view.rssBytes === null ? seen.memory : Math.max(seen.memory ?? 0, view.rssBytes);
    seen.inflight = Math.max(seen.inflight ?? 0, view.inflight);
    seen.end = { memory: view.rssBytes, inflight: view.inflight };
    seen.word = word;
    seen.tone = tone;
  }

  /** @param {number} slot @returns {Filling} */
  #at(slot) {
    const found = this.#slots.get(slot) ?? empty(slot);
    this.#slots.set(slot, found);
    return found;
  }
}

/** @param {number} at */
function slotOf(at) {
  return Math.floor(at / SLOT_MS);
}

/** @param {number} slot @returns {Filling} */
function empty(slot) {
  const nothing = { memory: null, inflight: null };
  return {
    ...{ at: slot * SLOT_MS, times: new Map(), word: null, tone: null },
    ...nothing,
    end: nothing,
  };
}

/** The nearest rank. @param {readonly number[]} sorted @param {number} share */
function percentile(sorted, share) {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? null;
}

/**
 * A path through what is there, in the units of the chart; a point by itself is a dot.
 *
 * @param {readonly (number | null)[]} values
 * @param {number} top What stands at the upper edge.
 */
export function pathOf(values, top) {
  let path = "";
  let isOpen = false;
  for (const [i, value] of values.entries()) {
    if (value === null) {
      isOpen = false;
      continue;
    }
    const y = Number((HEIGHT - (top === 0 ? 0 : value / top) * (HEIGHT - 2) - 1).toFixed(1));
    path += isOpen ? `L${i} ${y}` : `M${i} ${y}h0`;
    isOpen = true;
  }
  return path;
}

/** The largest of all; 0 where nothing is. @param {readonly (number | null)[]} values */
export function topOf(values) {
  return values.reduce((/** @type {number} */ top, value) => Math.max(top, value ?? 0), 0);
}

/**
 * Slots with the same state one after the other, as bands.
 *
 * @param {readonly Slot[]} slots
 * @returns {{ x: number, width: number, tone: string, word: string }[]}
 */
export function bandsOf(slots) {
  /** @type {{ x: number, width: number, tone: string, word: string }[]} */
  const bands = [];
  for (const [x, { tone, word }] of slots.entries()) {
    if (tone === null || word === null) continue;
    const last = bands.at(-1);
    if (last !== undefined && last.word === word && last.x + last.width === x) last.width++;
    else bands.push({ x, width: 1, tone, word });
  }
  return bands;
}

/**
 * A chart: its name, the series in it, and how a value of them is said.
 *
 * @typedef {object} Chart
 * @property {string} id
 * @property {string} title
 * @property {readonly Series[]} series
 * @property {(value: number) => string} say
 */

/** @type {readonly Chart[]} */
export const CHARTS = [
  { id: "latency", title: "Latency", series: ["p50", "p95"], say: durationText },
  { id: "memory", title: "Memory", series: ["memory"], say: sizeText },
  { id: "inflight", title: "In flight", series: ["inflight"], say: String },
];

/** What lines are called where a chart has several. */
const NAMES = { p50: "half within", p95: "95 % within" };

/**
 * What a chart shows, in words: "now 84 MB, highest 310 MB"; for several lines each by its name.
 *
 * @param {Chart} chart
 * @param {readonly Slot[]} slots
 */
export function chartText({ series, say }, slots) {
  const said = series.map((one) => {
    const values = slots.map((slot) => slot[one]).filter((value) => value !== null);
    const newest = values.at(-1);
    if (newest === undefined) return "";
    const highest = `highest ${say(topOf(values))}`;
    // A latency is there where requests end: the newest of them may be some time ago.
    if (one === "p50" || one === "p95") return `${NAMES[one]}: latest ${say(newest)}, ${highest}`;
    const now = slots.at(-1)?.end[one] ?? null;
    return `now ${now === null ? "none" : say(now)}, ${highest}`;
  });
  return said.filter((one) => one !== "").join("; ") || "nothing yet";
}

/** The heads of the table. */
export const COLUMNS = ["Time", "State", "Half within", "95 % within", "Memory", "In flight"];

/**
 * The slots in which anything was seen as rows of a table, newest first, each as {@linkcode COLUMNS}.
 *
 * @param {readonly Slot[]} slots
 * @returns {string[][]}
 */
export function rowsOf(slots) {
  const isSeen = (/** @type {Slot} */ { word, p50 }) => word !== null || p50 !== null;
  return slots.filter(isSeen).toReversed().map(({ at, word, p50, p95, memory, inflight }) => [
    timeText(new Date(at).toISOString(), "seconds"),
    word ?? "–",
    p50 === null ? "–" : durationText(p50),
    p95 === null ? "–" : durationText(p95),
    memory === null ? "–" : sizeText(memory),
    inflight === null ? "–" : String(inflight),
  ]);
}
