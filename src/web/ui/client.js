// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The browser's part of the page: live numbers and actions without a reload. The page is whole
 * without it. Only text and attributes change, so focus and selection stay where they are.
 *
 * @import { EngineView } from "../../core/mod.ts"
 * @import { NoticeEvent, PythonInputEvent, PythonStatusEvent, SnapshotEvent, StateEvent } from "../../events/mod.ts"
 * @import { ActionText, Trouble } from "./words.js"
 * @module
 */
import {
  answerTime,
  describeEngine,
  describeStatus,
  noticeText,
  parseObject,
  timeText,
  troubleOfEngine,
} from "./words.js";

/**
 * The events of `GET /api/events` that the page reads.
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

const ACTIVITY_EVERY_MS = 1000;
const ANNOUNCE_EVERY_MS = 2000;
/** Shorter waits are not worth a word. */
const WAIT_WORD_AFTER_MS = 150;

/** @type {Trouble} */
const UNREACHABLE = {
  title: "Supervisor not reachable",
  detail: "The program behind this page does not answer.",
  remedy: "Start it again with `ai-engine serve`, then repeat what you did.",
  lastLines: [],
};

/** The server's wall clock minus ours. */
let clockOffset = 0;
const serverNow = () => Date.now() + clockOffset;

/** @param {ParentNode} root @param {string} field @param {string} text */
function setText(root, field, text) {
  const element = root.querySelector(`[data-field="${field}"]`);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

/** @param {ParentNode} root @param {string} part @param {boolean} isShown */
function setShown(root, part, isShown) {
  const element = root.querySelector(`[data-part="${part}"]`);
  if (element instanceof HTMLElement) element.hidden = !isShown;
}

/** Speaks to screen readers, one sentence every 2 s at most; of several the last. */
const announce = (() => {
  let next = "";
  let isQuiet = true;
  const speak = () => {
    isQuiet = next === "";
    if (isQuiet) return;
    setText(document, "announcement", next);
    next = "";
    setTimeout(speak, ANNOUNCE_EVERY_MS);
  };
  /** @param {string} sentence */
  return (sentence) => {
    next = sentence;
    if (isQuiet) speak();
  };
})();

/** What a call gives back: a body, or what went wrong. @typedef {{ body: Record<string, unknown>, trouble: null } | { body: null, trouble: Trouble & { code?: string } }} Outcome */

/** @param {string} path @param {object} [body] @returns {Promise<Outcome>} */
async function post(path, body) {
  try {
    const response = await fetch(`/api${path}`, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return { body: { message: text, ...parseObject(text) }, trouble: null };
    const isOurs = response.headers.get("ai-engine-error-source") === "supervisor";
    const trouble = isOurs ? JSON.parse(text) : troubleOfEngine(response.status, text);
    return { body: null, trouble };
  } catch {
    return { body: null, trouble: UNREACHABLE };
  }
}

/** One engine's card. */
class Card {
  /** @type {EngineView | null} */
  #view = null;
  /** What the last action met. @type {Trouble | null} */
  #trouble = null;
  /** Count of the answer that stands on the card. @type {unknown} */
  #shownCount = null;
  #isSending = false;
  #lastActivity = -ACTIVITY_EVERY_MS;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.name = element.dataset.engine ?? "";
    this.field = /** @type {HTMLTextAreaElement} */ (element.querySelector("textarea"));
  }

  /** @param {EngineView} view */
  show(view) {
    const before = this.element.dataset.state;
    this.#view = view;
    this.element.dataset.state = view.state;
    if (before !== view.state && view.state === "ready") this.#trouble = null;
    if (view.state !== "ready") this.showStatus(null);
    this.tick();
    if (before === view.state) return;
    const { word, note } = describeEngine(view, serverNow());
    announce(`${this.name}: ${word} ${note}.`);
  }

  /** What changes by time alone, and all else of the view with it. */
  tick() {
    if (this.#view === null) return;
    const text = describeEngine(this.#view, serverNow());
    const { element } = this;
    element.dataset.tone = text.tone;
    element.querySelector("[data-mark]")?.setAttribute("data-mark", text.shape);
    setText(element, "word", text.word);
    setText(element, "note", text.note);
    setText(element, "idle", text.idle);
    setText(element, "pid", text.pid);
    setText(element, "memory", text.memory);
    const bar = element.querySelector("progress");
    if (bar !== null) {
      bar.max = text.left?.max ?? 1;
      bar.value = text.left?.value ?? 0;
    }
    for (const [action, words] of Object.entries(text.actions)) this.#showAction(action, words);
    this.#showTrouble(this.#trouble ?? text.error);
  }

  /** @param {string} action @param {ActionText} words */
  #showAction(action, { label, path, blocked }) {
    const button = this.element.querySelector(`[data-action="${action}"]`);
    if (!(button instanceof HTMLButtonElement)) return;
    setText(button, "label", label);
    button.setAttribute("formaction", `/engines/${this.name}/${path}`);
    button.setAttribute("aria-disabled", String(blocked !== ""));
    button.title = blocked;
  }

  /** @param {Trouble | null} trouble */
  #showTrouble(trouble) {
    if (trouble !== null) {
      setText(this.element, "trouble-title", trouble.title);
      setText(this.element, "trouble-detail", trouble.detail);
      setText(this.element, "trouble-remedy", trouble.remedy);
      setText(this.element, "trouble-lines", (trouble.lastLines ?? []).join("\n"));
      setShown(this.element, "trouble-lines", (trouble.lastLines ?? []).length > 0);
    }
    setShown(this.element, "trouble", trouble !== null);
  }

  /** @param {Readonly<Record<string, unknown>> | null} status */
  showStatus(status) {
    const { count, uptime } = describeStatus(status);
    setText(this.element, "count", count);
    setText(this.element, "uptime", uptime);
  }

  /** @param {{ input: string, message: string, at: string, tookMs: number, count: unknown, cut: readonly string[] }} answer */
  showAnswer({ input, message, at, tookMs, count, cut }) {
    // The event of an answer that stands here whole already.
    if (cut.length > 0 && count !== null && count === this.#shownCount) return;
    this.#shownCount = count;
    setText(this.element, "answer-input", input);
    setText(this.element, "answer-message", message);
    setText(this.element, "answer-time", answerTime({ at, tookMs }));
    setShown(this.element, "cut", cut.length > 0);
    setShown(this.element, "answer", true);
    setShown(this.element, "no-answer", false);
  }

  /** @param {string} path */
  async act(path) {
    this.#trouble = null;
    this.tick();
    const { trouble } = await post(path);
    // Who stops an engine need not be told that its start was taken back.
    if (trouble !== null && trouble.code !== "stopped_by_user") this.#fail(trouble);
  }

  /** @param {string} path */
  async send(path) {
    if (this.#isSending) return;
    const input = this.field.value;
    const begun = performance.now();
    this.#setSending(true);
    const word = setTimeout(
      () => setText(this.element, "sending", this.#waitWord()),
      WAIT_WORD_AFTER_MS,
    );
    const { body, trouble } = await post(path, { input });
    clearTimeout(word);
    this.#setSending(false);
    if (trouble !== null) return this.#fail(trouble);
    if (this.field.value === input) this.field.value = "";
    const message = String(body.message);
    const at = new Date(serverNow()).toISOString();
    const tookMs = performance.now() - begun;
    this.showAnswer({ input, message, at, tookMs, count: body.count ?? null, cut: [] });
  }

  #waitWord() {
    return this.#view?.state === "ready" ? "Waiting for the answer…" : "Starting the engine first…";
  }

  /** @param {boolean} isSending */
  #setSending(isSending) {
    this.#isSending = isSending;
    if (isSending) this.#trouble = null;
    this.element.querySelector("[data-send]")?.setAttribute("aria-disabled", String(isSending));
    setText(this.element, "sending", "");
    this.tick();
  }

  /** @param {Trouble} trouble */
  #fail(trouble) {
    this.#trouble = trouble;
    this.#showTrouble(trouble);
  }

  /** Somebody works with the card: the idle clock starts anew. */
  use() {
    const now = performance.now();
    if (this.#view?.state !== "ready" || now - this.#lastActivity < ACTIVITY_EVERY_MS) return;
    this.#lastActivity = now;
    post(`/engines/${this.name}/activity`).then(() => {}, () => {});
  }
}

/** The page as a whole: its cards, its forms, its line to the server. */
class Page {
  /** @type {Map<string, Card>} */
  #cards = new Map();
  #lastId = document.body.dataset.lastId ?? "";
  /** Events up to this number are history: what they say of an engine is old. */
  #history = 0;
  #retries = 0;
  #isServerGone = false;

  start() {
    clockOffset = Number(document.body.dataset.now) - Date.now();
    for (const element of document.querySelectorAll("[data-engine]")) {
      const card = new Card(/** @type {HTMLElement} */ (element));
      this.#cards.set(card.name, card);
    }
    for (const element of document.querySelectorAll("[data-needs-script]")) {
      element.removeAttribute("hidden");
    }
    document.addEventListener("submit", (event) => this.#submit(event));
    document.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("keydown", (event) => this.#keydown(event));
    document.addEventListener("input", (event) => this.#cardOf(event)?.use());
    setInterval(() => this.#cards.forEach((card) => card.tick()), 500);
    this.#connect();
  }

  /** @param {Event} event */
  #cardOf(event) {
    const element = event.target instanceof Element && event.target.closest("[data-engine]");
    return element instanceof HTMLElement
      ? this.#cards.get(element.dataset.engine ?? "")
      : undefined;
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    const card = this.#cardOf(event);
    if (card === undefined) return;
    event.preventDefault();
    const button = event.submitter;
    const action = button?.getAttribute("formaction");
    const path = action ?? /** @type {Element} */ (event.target).getAttribute("action") ?? "";
    const done = action == null ? card.send(path) : card.act(path);
    done.then(() => {}, reportError);
  }

  /** A button that can't act says why, and the second click of a double click does nothing. */
  #click(/** @type {MouseEvent} */ event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button === null) return;
    const isBlocked = button.getAttribute("aria-disabled") === "true";
    if (isBlocked && button.title !== "") announce(button.title);
    if (isBlocked || (event.detail > 1 && "action" in button.dataset)) event.preventDefault();
  }

  /** Enter sends, Shift + Enter adds a line; not while a word is being composed. */
  #keydown(/** @type {KeyboardEvent} */ event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (!(event.target instanceof HTMLTextAreaElement)) return;
    event.preventDefault();
    event.target.form?.requestSubmit();
  }

  #connect() {
    const source = new EventSource(`/api/events?after=${encodeURIComponent(this.#lastId)}`);
    /** @template {keyof Wire} K @param {K} type @param {(data: Wire[K]) => void} handle */
    const on = (type, handle) =>
      source.addEventListener(type, (event) => {
        this.#lastId = event.lastEventId || this.#lastId;
        handle(JSON.parse(event.data));
      });
    on("hello", (hello) => this.#hello(hello));
    on("snapshot", ({ engines }) => {
      for (const view of engines) this.#cards.get(view.name)?.show(view);
    });
    on("state", ({ engine, view }) => {
      if (seqOf(this.#lastId) > this.#history) this.#cards.get(engine)?.show(view);
    });
    on("python_status", ({ engine, status }) => this.#cards.get(engine)?.showStatus(status));
    on("python_input", (answer) => this.#cards.get(answer.engine)?.showAnswer(answer));
    on("notice", (notice) => this.#showNotice(notice));
    on("bye", ({ reason }) => this.#isServerGone = reason === "shutdown");
    source.addEventListener("error", () => {
      this.#showLink("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      // The browser gave up, as it does after any answer that is no stream: ask again ourselves.
      const wait = Math.min(15_000, 1000 * 1.7 ** this.#retries++) * (0.75 + Math.random() / 2);
      setTimeout(() => this.#connect(), wait);
      this.#checkLogin().then(() => {}, () => {});
    });
  }

  /** Once our login is not good any more, the page is one to sign in on. */
  async #checkLogin() {
    const { status } = await fetch("/api/engines", { method: "HEAD" });
    if (status === 401) location.assign("/login");
  }

  /** @param {Wire["hello"]} hello */
  #hello({ now, lastId }) {
    clockOffset = Date.parse(now) - Date.now();
    this.#history = seqOf(lastId);
    this.#retries = 0;
    this.#isServerGone = false;
    this.#showLink("live");
  }

  /** @param {"live" | "lost"} link */
  #showLink(link) {
    const { body } = document;
    if (link === "live") setText(body, "link", "Live");
    else if (body.dataset.link !== "lost") {
      setText(body, "link-since", ` · as of ${timeText(new Date().toISOString(), "seconds")}`);
    }
    body.dataset.link = link;
    setShown(body, "link-since", link === "lost");
    if (link === "lost") {
      setText(body, "link", this.#isServerGone ? "Server stopped" : "Reconnecting");
    }
    const shape = link === "live" ? "disc" : this.#isServerGone ? "square" : "ring";
    body.querySelector("[data-link-mark]")?.setAttribute("data-mark", shape);
  }

  /** @param {NoticeEvent} notice */
  #showNotice({ engine, title, detail, remedy, at }) {
    const root = engine === undefined ? document.querySelector("main > [data-part=notice]") : null;
    const card = engine === undefined ? undefined : this.#cards.get(engine);
    const element = root ?? card?.element.querySelector("[data-part=notice]");
    if (!(element instanceof HTMLElement)) return;
    setText(element, "notice-title", title);
    setText(element, "notice-text", noticeText({ detail, remedy, at }));
    element.hidden = false;
    announce(`${title}. ${detail}`);
  }
}

/** The number in an id `BOOT.SEQ`. @param {string} id */
function seqOf(id) {
  return Number(id.split(".")[1] ?? 0);
}

new Page().start();
