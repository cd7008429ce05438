// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Requests as they come and go. A row that has the focus stays where it is.
 *
 * @import { RequestView } from "../../../core/mod.ts"
 * @import { Feed } from "./rows.js"
 * @module
 */
import { describeRequest, hasFailed } from "../words_lists.js";
import { announce, setShown, setText } from "./dom.js";
import { keepFirst, newRow, oncePerFrame } from "./rows.js";

const TICK_MS = 500;

/** More than these at once are not followed one by one. */
const MOST_WAITING = 500;

/** @param {HTMLElement} root @param {Feed} live */
export function start(root, live) {
  new RequestRows(root, live).begin();
}

class RequestRows {
  #root;
  #live;
  #running;
  #ended;
  /** The newest that is known of each and not on the page. @type {Map<string, RequestView>} */
  #waiting = new Map();
  /** Those that have not ended. @type {Map<HTMLElement, RequestView>} */
  #views = new Map();

  /** @param {HTMLElement} root @param {Feed} live */
  constructor(root, live) {
    this.#root = root;
    this.#live = live;
    this.#running = this.#body("running");
    this.#ended = this.#body("ended");
  }

  begin() {
    this.#live.topics?.(["request"]);
    this.#live.on("request", (/** @type {RequestView} */ view) => {
      const { engineFilter = "" } = this.#root.dataset;
      if (engineFilter === "" || view.engine === engineFilter) this.#take(view);
    });
    // What came before the line to the server stood, or while it was down.
    this.#live.onLink(({ kind }) => {
      if (kind === "live") this.#catchUp().then(() => {}, () => {});
    });
    this.#root.addEventListener("submit", (event) => this.#cancel(event));
    // A row that has ended goes to its place when the focus leaves it.
    this.#root.addEventListener("focusout", () => requestAnimationFrame(() => this.#settle()));
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** @param {RequestView} view */
  #take(view) {
    this.#waiting.delete(view.id);
    this.#waiting.set(view.id, view);
    const [oldest = ""] = this.#waiting.keys();
    if (this.#waiting.size > MOST_WAITING) this.#waiting.delete(oldest);
    this.#writeSoon();
  }

  #writeSoon = oncePerFrame(() => this.#write());

  async #catchUp() {
    const { engineFilter = "", failed = "false", rows = "" } = this.#root.dataset;
    const query = new URLSearchParams({ failed, limit: rows });
    if (engineFilter !== "") query.set("engine", engineFilter);
    const response = await fetch(`/api/requests?${query}`);
    if (!response.ok) return;
    /** @type {{ requests: readonly RequestView[] }} */
    const { requests } = await response.json();
    // The newest is the last to be put on top.
    for (const view of requests.toReversed()) this.#take(view);
    const isWhole = requests.length < Number(rows);
    if (!isWhole && requests.every(({ progress }) => progress.phase !== "ended")) return;
    // All that run are among them: other rows are of some that have ended long ago.
    const ids = new Set(requests.map(({ id }) => id));
    for (const row of this.#running.querySelectorAll("tr")) {
      if (!ids.has(row.dataset.request ?? "")) row.remove();
    }
  }

  #write() {
    for (const view of this.#waiting.values()) this.#show(view);
    this.#waiting.clear();
    this.#settle();
    keepFirst(this.#ended, Number(this.#root.dataset.rows));
    const hasRows = this.#running.childElementCount + this.#ended.childElementCount > 0;
    setShown(this.#root, "table", hasRows);
    if (hasRows) setShown(this.#root.parentElement ?? this.#root, "no-rows", false);
  }

  /** @param {RequestView} view */
  #show(view) {
    const found = this.#root.querySelector(`tr[data-request="${CSS.escape(view.id)}"]`);
    const isEnded = view.progress.phase === "ended";
    if (found === null && !this.#isWanted(view)) return;
    const row = found instanceof HTMLElement ? found : newRow(this.#root);
    if (found === null) {
      row.dataset.request = view.id;
      const id = encodeURIComponent(view.id);
      row.querySelector("form")?.setAttribute("action", `/requests/${id}/cancel`);
      row.querySelector("[data-log]")?.setAttribute("href", `/logs?request=${id}`);
      (isEnded ? this.#ended : this.#running).prepend(row);
    }
    fill(row, view, this.#live.now());
    if (isEnded) this.#views.delete(row);
    else this.#views.set(row, view);
  }

  /** @param {RequestView} view */
  #isWanted(view) {
    return this.#root.dataset.failed !== "true" || hasFailed(view);
  }

  /** Puts rows that have ended under the others. */
  #settle() {
    for (const row of [...this.#running.children]) {
      const cancel = row.querySelector('[data-part="cancel"]');
      const isEnded = cancel instanceof HTMLElement && cancel.dataset.ended === "true";
      if (!isEnded || cancel.contains(document.activeElement)) continue;
      cancel.hidden = true;
      if (!row.contains(document.activeElement)) this.#ended.prepend(row);
    }
  }

  /** What changes by time alone. */
  #tick() {
    for (const [row, view] of this.#views) {
      if (row.isConnected) setText(row, "total", describeRequest(view, this.#live.now()).total);
      else this.#views.delete(row);
    }
  }

  /** @param {SubmitEvent} event */
  #cancel(event) {
    event.preventDefault();
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    const id = encodeURIComponent(row?.dataset.request ?? "");
    fetch(`/api/requests/${id}`, { method: "DELETE" }).then(
      ({ status }) => announce(status === 204 ? "Cancelled." : "It has ended already."),
      () => announce("The program behind this page does not answer."),
    );
  }

  /** @param {string} name */
  #body(name) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(`[data-rows-of="${name}"]`));
  }
}

/** @param {HTMLElement} row @param {RequestView} view @param {number} now */
function fill(row, view, now) {
  const { shape, tone, isRunning, ...texts } = describeRequest(view, now);
  row.dataset.tone = tone;
  row.querySelector("[data-mark]")?.setAttribute("data-mark", shape);
  for (const [field, text] of Object.entries(texts)) setText(row, field, text);
  setText(row, "cancelled", texts.target);
  setText(row, "logged", `of ${texts.target}`);
  const cancel = row.querySelector('[data-part="cancel"]');
  if (!(cancel instanceof HTMLElement)) return;
  cancel.dataset.ended = String(!isRunning);
  // The button keeps the focus until that goes elsewhere.
  if (isRunning || !cancel.contains(document.activeElement)) cancel.hidden = !isRunning;
}
