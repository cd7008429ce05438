// @ts-check
/// <reference lib="dom" />
/**
 * What happens on the server, as it happens.
 *
 * @import { NoticeEvent, PythonInputEvent, PythonStatusEvent, SnapshotEvent, StateEvent } from "../../../events/mod.ts"
 * @module
 */

/**
 * The events of `GET /api/events` that pages read.
 *
 * @typedef {object} Wire
 * @property {{ now: string, lastId: string }} hello
 * @property {SnapshotEvent} snapshot
 * @property {StateEvent} state
 * @property {PythonStatusEvent} python_status
 * @property {PythonInputEvent} python_input
 * @property {NoticeEvent} notice
 * @property {{ reason: string }} bye
 */

/**
 * How the page stands to the server: `stopped` = it said good-bye, `paused` = by the reader's wish.
 *
 * @typedef {"connecting" | "live" | "reconnecting" | "stopped" | "paused" | "signed_out"} LinkKind
 */

/** @typedef {{ kind: LinkKind, retryAt: number | null }} Link `retryAt` by this machine's clock. */

/** What comes with an event: history is what was before the page was told how things stand. @typedef {{ isHistory: boolean }} Circumstance */

export class Live {
  /** @type {Map<string, Set<(data: never, circumstance: Circumstance) => void>>} */
  #handlers = new Map();
  /** @type {Set<(link: Link) => void>} */
  #linkHandlers = new Set();
  /** @type {Link} */
  #link = { kind: "connecting", retryAt: null };
  /** @type {EventSource | null} */
  #source = null;
  /** The server's wall clock minus ours. */
  #clockOffset;
  #lastId;
  /** Events up to this number are history: what they say of an engine is old. */
  #history = 0;
  #retries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;

  /** @param {{ now: number, lastId: string }} begin What the page was made with. */
  constructor({ now, lastId }) {
    this.#clockOffset = now - Date.now();
    this.#lastId = lastId;
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

  /** Calls `handler` now and at each change. @param {(link: Link) => void} handler */
  onLink(handler) {
    this.#linkHandlers.add(handler);
    handler(this.#link);
    return () => this.#linkHandlers.delete(handler);
  }

  /** Begins, or begins again after a pause with what came meanwhile. */
  start() {
    clearTimeout(this.#retry);
    this.#source?.close();
    const source = new EventSource(`/api/events?after=${encodeURIComponent(this.#lastId)}`);
    this.#source = source;
    for (const type of WIRE) {
      source.addEventListener(type, (event) => this.#take(type, event));
    }
    source.addEventListener("error", () => this.#lost(source));
  }

  /** Nothing comes until {@linkcode start} is called again. */
  pause() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#setLink("paused");
  }

  /** @param {keyof Wire} type @param {MessageEvent<string>} event */
  #take(type, event) {
    this.#lastId = event.lastEventId || this.#lastId;
    const data = JSON.parse(event.data);
    if (type === "hello") this.#hello(data);
    if (type === "bye" && data.reason === "shutdown") this.#setLink("stopped");
    const isHistory = seqOf(this.#lastId) <= this.#history;
    for (const handler of this.#handlers.get(type) ?? []) {
      handler(/** @type {never} */ (data), { isHistory });
    }
  }

  /** @param {Wire["hello"]} hello */
  #hello({ now, lastId }) {
    this.#clockOffset = Date.parse(now) - Date.now();
    this.#history = seqOf(lastId);
    this.#retries = 0;
    this.#setLink("live");
  }

  /** @param {EventSource} source */
  #lost(source) {
    if (source !== this.#source || this.#link.kind === "paused") return;
    const kind = this.#link.kind === "stopped" ? "stopped" : "reconnecting";
    if (source.readyState !== EventSource.CLOSED) return this.#setLink(kind);
    // The browser gave up, as it does after any answer that is no stream: ask again ourselves.
    const wait = Math.min(15_000, 1000 * 1.7 ** this.#retries++) * (0.75 + Math.random() / 2);
    this.#retry = setTimeout(() => this.start(), wait);
    this.#setLink(kind, Date.now() + wait);
    this.#checkLogin().then(() => {}, () => {});
  }

  /** Once our login is not good any more, the page is one to sign in on. */
  async #checkLogin() {
    const { status } = await fetch("/api/engines", { method: "HEAD" });
    if (status !== 401) return;
    this.#setLink("signed_out");
    location.assign("/login");
  }

  /** @param {LinkKind} kind @param {number | null} [retryAt] */
  #setLink(kind, retryAt = null) {
    this.#link = { kind, retryAt };
    for (const handler of this.#linkHandlers) handler(this.#link);
  }
}

/** @type {readonly (keyof Wire)[]} */
const WIRE = ["hello", "snapshot", "state", "python_status", "python_input", "notice", "bye"];

/** The number in an id `BOOT.SEQ`. @param {string} id */
function seqOf(id) {
  return Number(id.split(".")[1] ?? 0);
}
