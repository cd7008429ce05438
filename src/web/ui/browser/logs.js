// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Lines as they come. The page holds so many of them, and is written to once in a frame at most, however
 * fast they come. Who scrolls up reads on undisturbed and is told how many have come meanwhile.
 *
 * @import { LoggedLine } from "../../../events/mod.ts"
 * @import { Feed } from "./rows.js"
 * @module
 */
import { fineTime, missedText, newLinesText, speakerOf, toSpans } from "../words_lists.js";
import { setShown, setText } from "./dom.js";
import { oncePerFrame } from "./rows.js";

/** Lines that the page holds. */
const MAX_LINES = 2000;
/** Lines are asked for at most so often. */
const ASK_EVERY_MS = 500;
/** So near to the end counts as at the end; CSS pixels. */
const NEAR_END = 8;

/** A line and whose it is. @typedef {LoggedLine & { readonly engine: string | null }} Line */

/** @param {HTMLElement} root @param {Feed} live */
export function start(root, live) {
  new LogView(root, live).begin();
}

class LogView {
  #root;
  #live;
  /** What scrolls; its content begins at the bottom, where `scrollTop` is 0. */
  #panel;
  #list;
  #query;
  /** Numbers of the newest lines by the name of their log. @type {Map<string, number>} */
  #last;
  /** Lines that are not on the page yet. @type {(Line | number)[]} */
  #waiting = [];
  #newCount = 0;
  #follows = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #asking;

  /** @param {HTMLElement} root @param {Feed} live */
  constructor(root, live) {
    this.#root = root;
    this.#live = live;
    this.#panel = /** @type {HTMLElement} */ (root.querySelector(".log"));
    this.#list = /** @type {HTMLElement} */ (root.querySelector('[data-part="lines"]'));
    this.#query = new URLSearchParams(root.dataset.query);
    this.#last = new Map(Object.entries(JSON.parse(root.dataset.last ?? "{}")));
  }

  begin() {
    this.#panel.addEventListener("scroll", () => this.#scrolled());
    this.#option("follow", (isOn) => this.#setFollows(isOn));
    this.#option("announce", (isOn) => {
      this.#panel.setAttribute("aria-live", isOn ? "polite" : "off");
    });
    const wrap = this.#option("wrap", (isOn) => {
      this.#panel.dataset.wrap = String(isOn);
      localStorage.setItem("log-wrap", String(isOn));
    });
    if (localStorage.getItem("log-wrap") === "false") wrap?.click();
    this.#root.querySelector("[data-more]")?.addEventListener("click", () => {
      this.#setFollows(true);
      this.#panel.focus();
    });
    this.#live.topics?.(["log"]);
    this.#live.on("log", (/** @type {{ engine: string | null, lines: LoggedLine[] }} */ data) => {
      this.#take(data.engine, data.lines);
    });
    // Another life of the server, which counts its lines anew.
    this.#live.on("gap", (/** @type {{ missed: number | null }} */ { missed }) => {
      if (missed === null) this.#last.clear();
    });
    // What came before the line to the server stood, or while it was down.
    this.#live.onLink(({ kind }) => {
      if (kind === "live") this.#ask();
    });
  }

  /** @param {string | null} engine @param {readonly LoggedLine[]} lines */
  #take(engine, lines) {
    const engines = this.#query.get("engine")?.split(",");
    if (engines !== undefined && !engines.includes(engine ?? "")) return;
    const last = this.#last.get(engine ?? "") ?? 0;
    const news = lines.filter(({ n }) => n > last);
    const first = news[0];
    if (first === undefined) return;
    // Of a filter only the server knows what it means.
    const isFiltered = [...this.#query.keys()].some((name) => name !== "engine");
    if (isFiltered || first.n > last + 1) return this.#ask();
    this.#add(news.map((line) => ({ ...line, engine })));
  }

  /** Soon has the newest lines brought. */
  #ask() {
    this.#asking ??= setTimeout(() => {
      const over = () => this.#asking = undefined;
      this.#catchUp().then(over, over);
    }, ASK_EVERY_MS);
  }

  async #catchUp() {
    const response = await fetch(`/api/logs?${this.#query}`);
    if (!response.ok) return;
    /** @type {{ lines: readonly Line[] }} */
    const { lines } = await response.json();
    const isFiltered = [...this.#query.keys()].some((name) => name !== "engine");
    const seen = new Map(this.#last);
    /** @type {(Line | number)[]} */
    const news = [];
    for (const line of lines) {
      const last = seen.get(line.engine ?? "") ?? 0;
      if (line.n <= last) continue;
      if (!isFiltered && line.n > last + 1) news.push(line.n - last - 1);
      news.push(line);
      seen.set(line.engine ?? "", line.n);
    }
    this.#add(news);
  }

  /** A number stands for as many lines that are not here. @param {readonly (Line | number)[]} news */
  #add(news) {
    if (news.length === 0) return;
    for (const line of news) {
      if (typeof line !== "number") this.#last.set(line.engine ?? "", line.n);
    }
    this.#newCount += news.length;
    this.#waiting.push(...news);
    if (this.#waiting.length > 2 * MAX_LINES) this.#waiting = this.#waiting.slice(-MAX_LINES);
    this.#write();
  }

  #write = oncePerFrame(() => {
    if (this.#newCount > 0) setShown(this.#root.parentElement ?? this.#root, "no-lines", false);
    setShown(this.#root, "more", !this.#follows && this.#newCount > 0);
    if (!this.#follows) return setText(this.#root, "more", newLinesText(this.#newCount));
    const rows = document.createDocumentFragment();
    const showsEngine = this.#panel.dataset.speakers === "shown";
    for (const line of this.#waiting.slice(-MAX_LINES)) rows.append(toRow(line, showsEngine));
    this.#waiting = [];
    this.#newCount = 0;
    const excess = this.#list.childElementCount + rows.childElementCount - MAX_LINES;
    if (excess >= this.#list.childElementCount) this.#list.replaceChildren(rows);
    else {
      for (let i = 0; i < excess; i++) this.#list.firstElementChild?.remove();
      this.#list.append(rows);
    }
    this.#panel.scrollTop = 0;
  });

  #scrolled() {
    const isAtEnd = this.#panel.scrollTop > -NEAR_END;
    if (isAtEnd !== this.#follows) this.#setFollows(isAtEnd);
  }

  /** @param {boolean} follows */
  #setFollows(follows) {
    this.#follows = follows;
    const box = this.#root.querySelector("[data-follow]");
    if (box instanceof HTMLInputElement) box.checked = follows;
    this.#write();
  }

  /** @param {string} name @param {(isOn: boolean) => void} set */
  #option(name, set) {
    const box = this.#root.querySelector(`[data-${name}]`);
    if (!(box instanceof HTMLInputElement)) return null;
    box.addEventListener("change", () => set(box.checked));
    return box;
  }
}

/** @param {Line | number} line @param {boolean} showsEngine */
function toRow(line, showsEngine) {
  const row = document.createElement("p");
  if (typeof line === "number") {
    row.dataset.skipped = String(line);
    row.textContent = missedText(line);
    return row;
  }
  const { t, stream, text, styled, skipped, engine } = line;
  row.dataset.stream = stream;
  if (skipped !== undefined) row.dataset.skipped = String(skipped);
  const time = document.createElement("time");
  time.dateTime = t;
  time.textContent = fineTime(t);
  row.append(time, " ");
  if (showsEngine) {
    const who = document.createElement("b");
    who.textContent = speakerOf(engine);
    row.append(who, " ");
  }
  for (const piece of styled === undefined ? [{ look: "", text }] : toSpans(styled)) {
    row.append(piece.look === "" ? piece.text : toSpan(piece));
  }
  return row;
}

/** @param {{ look: string, text: string }} piece */
function toSpan({ look, text }) {
  const span = document.createElement("span");
  span.className = look;
  span.textContent = text;
  return span;
}
