// @ts-check
/// <reference lib="dom" />
/**
 * What happens on the server, as it happens.
 *
 * @import { RequestView } from "../../../core/mod.ts"
 * @import { LogEvent, NoticeEvent, PythonInputEvent, PythonStatusEvent, SnapshotEvent, StateEvent } from "../../../events/mod.ts"
 * @import { Link } from "./stream.js"
 * @module
 */
import { SharedStream } from "./shared_stream.js";
import { Stream } from "./stream.js";

/**
 * The events of `GET /api/events` that pages read.
 *
 * @typedef {object} Wire
 * @property {{ boot: string, now: string, replay: string, lastId: string, lastLine?: number }} hello
 * @property {SnapshotEvent} snapshot
 * @property {StateEvent} state
 * @property {PythonStatusEvent} python_status
 * @property {PythonInputEvent} python_input
 * @property {NoticeEvent} notice
 * @property {LogEvent} log Each line once.
 * @property {RequestView} request
 * @property {{ missed: number | null, lines?: number }} gap
 * @property {{ reason: string }} bye
 */

/** What comes with an event: history is what was before the page was told how things stand. @typedef {{ isHistory: boolean }} Circumstance */

/** Events with ids that count up; each comes once. */
const COUNTED = ["state", "python_input", "notice"];

/** A page that nobody has looked at for so long needs no events. */
const ASLEEP_AFTER_MS = 30_000;

export class Live {
  /** @type {Map<string, Set<(data: never, circumstance: Circumstance) => void>>} */
  #handlers = new Map();
  /** @type {Set<(link: Link) => void>} */
  #linkHandlers = new Set();
  /** @type {Link} */
  #link = { kind: "connecting", retryAt: null };
  #stream;
  #isWanted = false;
  /** Nobody has looked for a while. */
  #isAsleep = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #sleep;
  /** What pages want that is not for all. @type {Set<string>} */
  #topics = new Set();
  /** The server's wall clock minus ours. */
  #clockOffset;
  #lastId;
  /** Number of the last line of a log. @type {number | null} */
  #lastLine = null;
  /** The newest line of each log. @type {Map<string | null, number>} */
  #lastOf = new Map();
  /** Events up to this number are history: what they say of an engine is old. */
  #history = 0;

  /** @param {{ now: number, lastId: string }} begin What the page was made with. */
  constructor({ now, lastId }) {
    this.#clockOffset = now - Date.now();
    this.#lastId = lastId;
    const owner = {
      wish: () => ({ topics: [...this.#topics], after: this.#lastId, afterLine: this.#lastLine }),
      onEvent: this.#take.bind(this),
      onLink: this.#setLink.bind(this),
    };
    // Pages of another build may speak another language: the name has the hash of this one.
    this.#stream = SharedStream.isPossible()
      ? new SharedStream(import.meta.url, owner)
      : new Stream(owner);
    document.addEventListener("visibilitychange", () => this.#look());
    addEventListener("pagehide", () => this.#stream.close());
    addEventListener("pageshow", (event) => {
      if (event instanceof PageTransitionEvent && event.persisted) this.#open();
    });
  }

  /** The server's wall clock in milliseconds. */
  now() {
    return Date.now() + this.#clockOffset;
  }

  /**
   * Calls `handler` for each event of this type.
   *
   * @template {keyof Wire} K
   * @param {K} type
   * @param {(data: Wire[K], circumstance: Circumstance) => void} handler
   * @returns {() => void} Ends that.
   */
  on(type, handler) {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    handlers.add(handler);
    return () => handlers.delete(handler);
  }

  /** Has events come that only those get who name them: `log`, `request`. @param {readonly string[]} names */
  topics(names) {
    const { size } = this.#topics;
    for (const name of names) this.#topics.add(name);
    if (this.#topics.size > size) this.#open();
  }

  /** Calls `handler` now, at each change, and at each new beginning of the stream. @param {(link: Link) => void} handler */
  onLink(handler) {
    this.#linkHandlers.add(handler);
    handler(this.#link);
    return () => this.#linkHandlers.delete(handler);
  }

  /** Begins, or begins again after a pause with what came meanwhile. */
  start() {
    this.#isWanted = true;
    this.#open();
  }

  /** Whether nothing comes, by the reader's wish. */
  get isPaused() {
    return this.#link.kind === "paused";
  }

  /** Nothing comes until {@linkcode start} is called again. */
  pause() {
    this.#isWanted = false;
    this.#close();
  }

  #open() {
    if (this.#isWanted && !this.#isAsleep) this.#stream.open();
  }

  #close() {
    this.#stream.close();
    this.#setLink({ kind: "paused", retryAt: null });
  }

  #look() {
    clearTimeout(this.#sleep);
    if (document.hidden) {
      this.#sleep = setTimeout(() => {
        this.#isAsleep = true;
        this.#close();
      }, ASLEEP_AFTER_MS);
    } else if (this.#isAsleep) {
      this.#isAsleep = false;
      this.#open();
    }
  }

  /** @param {string} type @param {string} text @param {string} id */
  #take(type, text, id) {
    const isCounted = COUNTED.includes(type);
    if (isCounted && !this.#isNew(id)) return;
    if (isCounted) this.#lastId = id;
    let data = JSON.parse(text);
    if (type === "hello") this.#hello(data);
    if (type === "log") data = this.#newLines(data);
    this.#give(type, data, isCounted && seqOf(id) <= this.#history);
  }

  /** @param {string} type @param {unknown} data @param {boolean} isHistory */
  #give(type, data, isHistory) {
    for (const handler of this.#handlers.get(type) ?? []) {
      handler(/** @type {never} */ (data), { isHistory });
    }
  }

  /** @param {Wire["hello"]} hello */
  #hello({ boot, now, replay, lastId, lastLine }) {
    this.#clockOffset = Date.parse(now) - Date.now();
    this.#history = seqOf(lastId);
    const isSameLife = bootOf(this.#lastId) === boot;
    if (isSameLife && replay !== "none") {
      this.#lastLine ??= lastLine ?? null;
      return;
    }
    this.#lastId = lastId;
    this.#lastLine = this.#lastLine === null ? lastLine ?? null : 0;
    this.#lastOf.clear();
    if (replay !== "none") this.#give("gap", { missed: null }, false);
  }

  /** What of it was not there yet. @param {LogEvent} event */
  #newLines({ engine, lines }) {
    // Of each log by itself: batches of several don't come in the order of their lines.
    const last = this.#lastOf.get(engine) ?? 0;
    const news = lines.filter(({ seq }) => seq > last);
    const newest = news.reduce((most, { seq }) => Math.max(most, seq), last);
    this.#lastOf.set(engine, newest);
    this.#lastLine = Math.max(this.#lastLine ?? 0, newest);
    return { engine, lines: news };
  }

  /** @param {string} id */
  #isNew(id) {
    return bootOf(id) !== bootOf(this.#lastId) || seqOf(id) > seqOf(this.#lastId);
  }

  /** @param {Link} link */
  #setLink(link) {
    this.#link = link;
    for (const handler of this.#linkHandlers) handler(link);
    if (link.kind === "signed_out") location.assign("/login");
  }
}

/** The first part of an id `BOOT.SEQ`. @param {string} id */
function bootOf(id) {
  return id.split(".")[0];
}

/** The number in it. @param {string} id */
function seqOf(id) {
  return Number(id.split(".")[1] ?? 0);
}
