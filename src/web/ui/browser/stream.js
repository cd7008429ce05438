// @ts-check
/// <reference lib="dom" />
/**
 * One event stream, opened anew for as long as it is wanted: the browser by itself gives up after any
 * answer that is no stream.
 *
 * @module
 */

/**
 * How a page stands to the server: `stopped` = it said good-bye, `paused` = by the reader's wish or as
 * nobody looks, `polling` = it has no stream to give and is asked every few seconds.
 *
 * @typedef {"connecting" | "live" | "reconnecting" | "polling" | "stopped" | "paused" | "signed_out"} LinkKind
 */

/** @typedef {{ kind: LinkKind, retryAt: number | null }} Link `retryAt` by this machine's clock. */

/** What of the stream a page wants: topics besides the usual ones, and what came after what it has seen. @typedef {{ topics: readonly string[], after: string, afterLine: number | null }} Wish */

/**
 * Who is told of it.
 *
 * @typedef {object} StreamOwner
 * @property {() => Wish} wish Asked at each try.
 * @property {(type: string, text: string, id: string) => void} onEvent
 * @property {(link: Link) => void} onLink
 */

const USUAL_TOPICS = ["snapshot", "state", "python_status", "python_input", "notice"];
const TYPES = ["hello", ...USUAL_TOPICS, "log", "request", "gap", "bye"];

const POLL_EVERY_MS = 5_000;
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;

export class Stream {
  #owner;
  /** @type {EventSource | null} */
  #source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  #retries = 0;
  #isStopped = false;

  /** @param {StreamOwner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /** Opens it, or opens it anew with another wish. */
  open() {
    this.close();
    const source = new EventSource(streamUrl(this.#owner.wish()));
    this.#source = source;
    for (const type of TYPES) {
      source.addEventListener(type, (event) => {
        if (source === this.#source) this.#take(type, event);
      });
    }
    source.addEventListener("error", () => {
      if (source === this.#source) this.#lost(source.readyState === EventSource.CLOSED);
    });
  }

  close() {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#source?.close();
    this.#source = null;
  }

  /** @param {string} type @param {MessageEvent<string>} event */
  #take(type, { data, lastEventId }) {
    if (type === "hello") this.#retries = 0;
    if (type === "bye") this.#isStopped = JSON.parse(data).reason === "shutdown";
    else this.#isStopped = false;
    this.#owner.onEvent(type, data, lastEventId);
    if (type === "hello") this.#owner.onLink({ kind: "live", retryAt: null });
  }

  /** @param {boolean} isRefused There was an answer, and it was no stream. */
  #lost(isRefused) {
    this.close();
    const wait = Math.min(MAX_RETRY_MS, RETRY_MS * 1.7 ** this.#retries++);
    this.#again(wait, this.#isStopped ? "stopped" : "reconnecting");
    if (isRefused) this.#poll().then(() => {}, () => {});
  }

  /** @param {number} ms @param {LinkKind} kind */
  #again(ms, kind) {
    clearTimeout(this.#retry);
    const wait = ms * (0.75 + Math.random() / 2);
    this.#retry = setTimeout(() => this.open(), wait);
    this.#owner.onLink({ kind, retryAt: Date.now() + wait });
  }

  /** How engines stand without a stream. Once our login is good no more there is nothing to wait for. */
  async #poll() {
    const retry = this.#retry;
    const response = await fetch("/api/engines");
    const text = await response.text();
    if (this.#retry !== retry) return;
    if (response.status === 401) {
      this.close();
      this.#owner.onLink({ kind: "signed_out", retryAt: null });
    } else if (response.ok) {
      this.#owner.onEvent("snapshot", text, "");
      this.#again(POLL_EVERY_MS, "polling");
    }
  }
}

/** @param {Wish} wish */
function streamUrl({ topics, after, afterLine }) {
  const query = new URLSearchParams({ after });
  if (topics.length > 0) query.set("topics", [...USUAL_TOPICS, ...topics].join(","));
  if (afterLine !== null) query.set("afterLine", String(afterLine));
  return `/api/events?${query}`;
}
