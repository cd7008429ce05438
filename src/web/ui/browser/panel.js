// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * A panel that sends something to an engine and shows what comes back, as it comes. What was typed
 * stays until the answer is whole.
 *
 * @import { EngineView, RequestView } from "../../../core/mod.ts"
 * @import { Live } from "./live.js"
 * @import { Trouble } from "../words.js"
 * @import { Progress } from "../words_try.js"
 * @module
 */
import { announce, setShown, setText } from "./dom.js";
import { UNREACHABLE } from "./call.js";
import { durationText } from "../words.js";
import { curlCommand, phaseText, timingsText, troubleOfAnswer } from "../words_try.js";

const TICK_MS = 100;
const COPIED_MS = 2_000;
/** More of an answer than this is not shown: no page can be read that has it. */
const MOST_SHOWN = 1_000_000;

/** What the panels of one engine share. */
export class Subject {
  /** @type {Pick<EngineView, "state" | "since" | "usualStartMs">} */
  view;

  /** @param {HTMLElement} element @param {Live} live */
  constructor(element, live) {
    this.live = live;
    this.name = element.dataset.try ?? "";
    this.asksForToken = element.dataset.asksToken !== undefined;
    const { state = "stopped", since = "", usualStart } = element.dataset;
    this.view = {
      state: /** @type {EngineView["state"]} */ (state),
      since,
      usualStartMs: usualStart === undefined ? null : Number(usualStart),
    };
    live.topics(["request"]);
    live.on("snapshot", ({ engines }) => {
      this.view = engines.find(({ name }) => name === this.name) ?? this.view;
    });
    live.on("state", ({ engine, view }, { isHistory }) => {
      if (engine === this.name && !isHistory) this.view = view;
    });
  }
}

/**
 * What a panel asks for.
 *
 * @typedef {object} Ask
 * @property {string} path
 * @property {object} body
 * @property {object} [commandBody] What the command sends instead, whose answer is to be read as it is.
 * @property {string} accept
 * @property {(piece: string, type: string) => void} take A piece of the answer.
 * @property {() => Finish} finish The answer has ended.
 */

/** @typedef {{ trouble: Trouble | null, tokens: number | null }} Finish */

/** How it went. @typedef {"done" | "failed" | "cancelled"} Result */

/** One exchange at a time, drawn into its element. */
export class Panel {
  #subject;
  #element;
  /** Cancels what is under way. @type {AbortController | null} */
  #under = null;
  /** @type {Ask | null} */
  #last = null;
  #begun = 0;
  /** @type {number | null} */
  #firstAt = null;
  /** What the answer says of the phase; `null` where it does not. @type {Progress | null} */
  #told = null;
  /** What the request under way is called. */
  #id = "";
  /** Where it is. @type {RequestView["progress"]["phase"]} */
  #booked = "held";
  #word = "";
  #phaseSince = 0;
  /** @type {HTMLElement | null} */
  #target = null;
  #waiting = "";
  #shown = 0;

  /** @param {HTMLElement} element @param {Subject} subject */
  constructor(element, subject) {
    this.#element = element;
    this.#subject = subject;
    this.form = /** @type {HTMLFormElement} */ (element.querySelector("form"));
    this.form.addEventListener("keydown", (event) => this.#keydown(event));
    for (const part of element.querySelectorAll("[data-needs-panel]")) {
      part.removeAttribute("hidden");
    }
    subject.live.on("request", ({ id, progress }) => {
      if (id === this.#id) this.#booked = progress.phase;
    });
    this.#on("cancel", () => this.cancel());
    this.#on("curl", () => {
      this.#copy().then(() => {}, reportError);
    });
  }

  /** Calls `send` for each press of the button but those while something is under way. @param {() => Promise<void>} send */
  onSubmit(send) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#under === null) send().then(() => {}, reportError);
    });
  }

  /** @param {string} name @returns {HTMLTextAreaElement} */
  field(name) {
    return /** @type {HTMLTextAreaElement} */ (this.form.elements.namedItem(name));
  }

  /**
   * Sends, and draws the answer into `target`.
   *
   * @param {Ask} ask
   * @param {HTMLElement} target
   * @returns {Promise<Result>}
   */
  async run(ask, target) {
    const under = new AbortController();
    this.#begin(ask, { under, target });
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    try {
      const { trouble, tokens } = await this.#exchange(ask, under.signal);
      this.#end();
      this.#showTimings(tokens);
      if (trouble === null) announce("The answer is there.");
      else this.fail(trouble);
      return trouble === null ? "done" : "failed";
    } catch {
      this.#end();
      if (!under.signal.aborted) this.fail(UNREACHABLE);
      else this.#say(`Cancelled after ${durationText(performance.now() - this.#begun)}`);
      return under.signal.aborted ? "cancelled" : "failed";
    } finally {
      clearInterval(ticking);
    }
  }

  cancel() {
    this.#under?.abort();
  }

  /** @param {Progress} progress */
  phase(progress) {
    this.#told = progress;
    this.#tick();
  }

  /** More of the answer. @param {string} text */
  append(text) {
    if (text === "") return;
    this.#firstAt ??= performance.now();
    if (this.#waiting === "") requestAnimationFrame(() => this.#flush());
    this.#waiting += text;
  }

  /** @param {Trouble} trouble */
  fail({ title, detail, remedy, lastLines }) {
    const element = this.#element;
    setText(element, "trouble-title", title);
    setText(element, "trouble-detail", detail);
    setText(element, "trouble-remedy", remedy);
    setText(element, "trouble-lines", (lastLines ?? []).join("\n"));
    setShown(element, "trouble-lines", (lastLines ?? []).length > 0);
    setShown(element, "trouble", true);
  }

  /** @param {Ask} ask @param {AbortSignal} signal @returns {Promise<Finish>} */
  async #exchange({ path, body, accept, take, finish }, signal) {
    const response = await fetch(path, {
      method: "POST",
      headers: { accept, "content-type": "application/json", "x-request-id": this.#id },
      body: JSON.stringify(body),
      signal,
    });
    if (!response.ok || response.body === null) {
      const isOurs = response.headers.get("ai-engine-error-source") === "supervisor";
      const { status } = response;
      return { trouble: troubleOfAnswer(status, await response.text(), isOurs), tokens: null };
    }
    const type = response.headers.get("content-type") ?? "";
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      take(part.value, type);
    }
    return finish();
  }

  /** @param {Ask} ask @param {{ under: AbortController, target: HTMLElement }} how */
  #begin(ask, { under, target }) {
    this.#under = under;
    this.#last = ask;
    this.#begun = this.#phaseSince = performance.now();
    this.#firstAt = this.#told = null;
    this.#id = `try-${Math.random().toString(36).slice(2)}`;
    this.#booked = "held";
    this.#word = "";
    this.#target = target;
    this.#waiting = "";
    this.#shown = 0;
    target.textContent = "";
    setShown(this.#element, "trouble", false);
    setText(this.#element, "timings", "");
    this.#setBusy(true);
    this.#tick();
  }

  #end() {
    this.#flush();
    this.#under = null;
    this.#setBusy(false);
    setText(this.#element, "phase", "");
  }

  /** @param {boolean} isBusy */
  #setBusy(isBusy) {
    const set = (/** @type {string} */ name, /** @type {boolean} */ isBlocked) =>
      this.#element.querySelector(`[data-${name}]`)?.setAttribute("aria-disabled", `${isBlocked}`);
    set("send", isBusy);
    set("cancel", !isBusy);
    this.#element.querySelector("[data-curl]")?.removeAttribute("hidden");
  }

  /** The line of the phase, which counts. */
  #tick() {
    if (this.#under === null) return;
    const { view, live } = this.#subject;
    const progress = this.#firstAt !== null ? ANSWERING : this.#told ?? phaseOf(view, this.#booked);
    const word = phaseText(progress, view, null);
    if (word !== this.#word) {
      this.#word = word;
      this.#phaseSince = performance.now();
      announce(`${word}.`);
    }
    const isStart = progress.phase === "starting" && view.state === "starting";
    const sinceMs = isStart
      ? live.now() - Date.parse(view.since)
      : performance.now() - this.#phaseSince;
    setText(this.#element, "phase", phaseText(progress, view, sinceMs));
  }

  /** What has come since the last frame, in one change of the document. */
  #flush() {
    const text = this.#waiting.slice(0, MOST_SHOWN - this.#shown);
    if (this.#waiting === "" || this.#target === null) return;
    const hidden = this.#waiting.length - text.length;
    this.#waiting = "";
    this.#shown += text.length;
    this.#target.hidden = false;
    if (this.#target.firstChild instanceof Text) this.#target.firstChild.appendData(text);
    else this.#target.append(text);
    if (hidden > 0) this.#say("The answer goes on; only the first million characters are shown.");
    const list = this.#target.closest("[data-field=messages]");
    if (list !== null) list.scrollTop = list.scrollHeight;
  }

  /** @param {number | null} tokens */
  #showTimings(tokens) {
    if (this.#firstAt === null) return;
    const firstByteMs = this.#firstAt - this.#begun;
    const totalMs = performance.now() - this.#begun;
    setText(this.#element, "timings", timingsText({ firstByteMs, totalMs, tokens }));
  }

  /** @param {string} sentence */
  #say(sentence) {
    setText(this.#element, "phase", sentence);
    announce(sentence);
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") this.cancel();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  /** To the clipboard; where there is none, as on plain HTTP from elsewhere, into a field to copy from. */
  async #copy() {
    if (this.#last === null) return;
    const { path, body, commandBody = body } = this.#last;
    const { asksForToken } = this.#subject;
    const command = curlCommand({
      url: location.origin + path,
      body: commandBody,
      asksForToken,
    });
    try {
      await navigator.clipboard.writeText(command);
      this.#copied();
    } catch {
      this.#offer(command);
    }
  }

  #copied() {
    const button = this.#element.querySelector("[data-curl]");
    if (button === null) return;
    button.textContent = "Copied";
    announce("The command is copied.");
    setTimeout(() => button.textContent = "Copy as curl", COPIED_MS);
  }

  /** @param {string} command */
  #offer(command) {
    setShown(this.#element, "command", true);
    const field = this.#element.querySelector("[data-field=command]");
    if (!(field instanceof HTMLTextAreaElement)) return;
    field.value = command;
    field.focus();
    field.select();
    announce("The command is selected: copy it.");
  }

  /** @param {string} name @param {() => void} act */
  #on(name, act) {
    this.#element.querySelector(`[data-${name}]`)?.addEventListener("click", act);
  }
}

/** @type {Progress} */
const ANSWERING = { phase: "answering" };

/**
 * The phase of a request that is `booked` so.
 *
 * @param {Pick<EngineView, "state">} view
 * @param {RequestView["progress"]["phase"]} booked
 * @returns {Progress}
 */
function phaseOf({ state }, booked) {
  if (booked !== "held") return ANSWERING;
  return { phase: state === "ready" || state === "draining" ? "queued" : "starting" };
}
