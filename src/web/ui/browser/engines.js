// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The cards of engines: live numbers and actions without a reload. A card is whole without it.
 *
 * @import { EngineView } from "../../../core/mod.ts"
 * @import { NoticeEvent } from "../../../events/mod.ts"
 * @import { Live } from "./live.js"
 * @import { ActionText, FormPage, Trouble } from "../words.js"
 * @module
 */
import { post } from "./call.js";
import { announce, setShown, setText } from "./dom.js";
import {
  answerTime,
  describeEngine,
  describeInstances,
  describeStatus,
  formPath,
  noticeText,
  summaryText,
} from "../words.js";

const ACTIVITY_EVERY_MS = 1000;
const TICK_MS = 500;
/** Shorter waits are not worth a word. */
const WAIT_WORD_AFTER_MS = 150;

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

  /** @param {HTMLElement} element @param {Live} live */
  constructor(element, live) {
    this.live = live;
    this.element = element;
    this.name = element.dataset.engine ?? "";
    this.page = /** @type {FormPage} */ (element.dataset.page);
    this.field = element.querySelector("textarea");
  }

  /** `null` until the server has told how it is. */
  get view() {
    return this.#view;
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
    const { word, note } = describeEngine(view, this.live.now());
    announce(`${this.name}: ${word} ${note}.`);
  }

  /** What changes by time alone, and all else of the view with it. */
  tick() {
    if (this.#view === null) return;
    const text = describeEngine(this.#view, this.live.now());
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
    setShown(element, "keep", text.left !== null);
    this.#showInstances(this.#view);
    for (const [action, words] of Object.entries(text.actions)) this.#showAction(action, words);
    this.#showTrouble(this.#trouble ?? text.error);
  }

  /** @param {EngineView} view */
  #showInstances(view) {
    const list = this.element.querySelector("[data-part=instances]");
    const instances = describeInstances(view);
    setShown(this.element, "instances", instances.length > 0);
    if (list === null) return;
    while (list.children.length > instances.length) list.lastElementChild?.remove();
    instances.forEach(({ id, shape, tone, word, note }, i) => {
      const item = list.children[i] ?? list.appendChild(newInstance());
      item.setAttribute("data-tone", tone);
      item.querySelector(".mark")?.setAttribute("data-mark", shape);
      setText(item, "instance-word", `${id} ${word}`);
      setText(item, "instance-note", note);
    });
  }

  /** @param {string} action @param {ActionText} words */
  #showAction(action, { label, path, blocked }) {
    const button = this.element.querySelector(`[data-action="${action}"]`);
    if (!(button instanceof HTMLButtonElement)) return;
    setText(button, "label", label);
    button.setAttribute("formaction", formPath(this.name, path, this.page));
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

  /** @param {string} action */
  async act(action) {
    if (this.#view === null) return;
    const { actions } = describeEngine(this.#view, this.live.now());
    this.#trouble = null;
    this.tick();
    const { path } = actions[/** @type {keyof typeof actions} */ (action)];
    const { trouble } = await post(`/engines/${this.name}/${path}`);
    // Who stops an engine need not be told that its start was taken back.
    if (trouble !== null && trouble.code !== "stopped_by_user") this.#fail(trouble);
  }

  async send() {
    if (this.#isSending || this.field === null) return;
    const input = this.field.value;
    const begun = performance.now();
    this.#setSending(true);
    const word = setTimeout(
      () => setText(this.element, "sending", this.#waitWord()),
      WAIT_WORD_AFTER_MS,
    );
    const { body, trouble } = await post(`/engines/${this.name}/input`, { input });
    clearTimeout(word);
    this.#setSending(false);
    if (trouble !== null) return this.#fail(trouble);
    if (this.field.value === input) this.field.value = "";
    const message = String(body.message);
    const at = new Date(this.live.now()).toISOString();
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

  /** @param {NoticeEvent} notice */
  showNotice({ title, detail, remedy, at }) {
    setText(this.element, "notice-title", title);
    setText(this.element, "notice-text", noticeText({ detail, remedy, at }));
    setShown(this.element, "notice", true);
    announce(`${title}. ${detail}`);
  }

  /** The idle clock starts anew. */
  async keep() {
    const { trouble } = await post(`/engines/${this.name}/activity`);
    if (trouble !== null) this.#fail(trouble);
    else announce(`${this.name} keeps running.`);
  }

  /** Somebody works with the card, which keeps the engine running. */
  use() {
    const now = performance.now();
    if (this.#view?.state !== "ready" || now - this.#lastActivity < ACTIVITY_EVERY_MS) return;
    this.#lastActivity = now;
    post(`/engines/${this.name}/activity`).then(() => {}, () => {});
  }
}

/** An empty line of an instance, as the server makes it. */
function newInstance() {
  const item = document.createElement("li");
  const mark = item.appendChild(document.createElement("span"));
  mark.className = "mark";
  mark.setAttribute("aria-hidden", "true");
  for (const field of ["instance-word", "instance-note"]) {
    item.append(" ");
    item.appendChild(document.createElement("span")).dataset.field = field;
  }
  return item;
}

/**
 * Makes the cards of a page live.
 *
 * @param {ParentNode} root
 * @param {Live} live
 */
export function startCards(root, live) {
  /** @type {Map<string, Card>} */
  const cards = new Map();
  for (const element of root.querySelectorAll("[data-engine]")) {
    const card = new Card(/** @type {HTMLElement} */ (element), live);
    cards.set(card.name, card);
  }
  if (cards.size === 0) return;
  listen(cards, live);
  document.addEventListener("submit", (event) => submit(cardOf(cards, event), event));
  document.addEventListener("keydown", sendByEnter);
  document.addEventListener("input", (event) => cardOf(cards, event)?.use());
  setInterval(() => {
    if (!live.isPaused) cards.forEach((card) => card.tick());
  }, TICK_MS);
}

/** @param {Map<string, Card>} cards @param {Live} live */
function listen(cards, live) {
  live.on("snapshot", ({ engines }) => {
    for (const view of engines) cards.get(view.name)?.show(view);
    if (engines.some(({ name }) => !cards.has(name))) setShown(document, "more-engines", true);
    showSummary(cards);
  });
  live.on("state", ({ engine, view }, { isHistory }) => {
    if (!isHistory) cards.get(engine)?.show(view);
    showSummary(cards);
  });
  live.on("python_status", ({ engine, status }) => cards.get(engine)?.showStatus(status));
  live.on("python_input", (answer) => cards.get(answer.engine)?.showAnswer(answer));
  live.on("notice", (notice) => cards.get(notice.engine ?? "")?.showNotice(notice));
}

/** @param {Map<string, Card>} cards */
function showSummary(cards) {
  const views = [...cards.values()].flatMap(({ view }) => view === null ? [] : [view]);
  setText(document, "summary", summaryText(views));
}

/** @param {Map<string, Card>} cards @param {Event} event */
function cardOf(cards, event) {
  const element = event.target instanceof Element && event.target.closest("[data-engine]");
  return element instanceof HTMLElement ? cards.get(element.dataset.engine ?? "") : undefined;
}

/** @param {Card | undefined} card @param {SubmitEvent} event */
function submit(card, event) {
  if (card === undefined) return;
  const { action, keep } = event.submitter?.dataset ?? {};
  if (keep !== undefined) {
    event.preventDefault();
    return card.keep().then(() => {}, reportError);
  }
  const isSend = /** @type {Element} */ (event.target).matches("[data-send-form]");
  if (action === undefined ? !isSend : card.view === null) return; // then it goes as a form does
  event.preventDefault();
  const done = action === undefined ? card.send() : card.act(action);
  done.then(() => {}, reportError);
}

/** Enter sends, Shift + Enter adds a line; not while a word is being composed. @param {KeyboardEvent} event */
function sendByEnter(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  if (!(event.target instanceof HTMLTextAreaElement)) return;
  if (event.target.form?.matches("[data-send-form]") !== true) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}
