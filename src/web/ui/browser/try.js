// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The panels for trying an engine out. Without this they are forms.
 *
 * @import { Live } from "./live.js"
 * @import { Finish } from "./panel.js"
 * @import { Progress } from "../words_try.js"
 * @import { Trouble } from "../words.js"
 * @module
 */
import { startChat } from "./chat.js";
import { Panel, Subject } from "./panel.js";
import { parseObject } from "../words.js";
import {
  CUT,
  EventReader,
  NO_VECTORS,
  similarityOf,
  similarityText,
  tokensOf,
  troubleOfAnswer,
  whyNotFile,
} from "../words_try.js";

/** @type {Record<string, (element: HTMLElement, subject: Subject) => void>} */
const PANELS = { input: startInput, chat: startChat, likeness: startLikeness };

/** @param {HTMLElement} root @param {Live} live */
export function start(root, live) {
  const subject = new Subject(root, live);
  for (const element of root.querySelectorAll("[data-panel]")) {
    if (element instanceof HTMLElement) PANELS[element.dataset.panel ?? ""]?.(element, subject);
  }
}

/** @param {HTMLElement} element @param {Subject} subject */
function startInput(element, subject) {
  const panel = new Panel(element, subject);
  const path = `/api/engines/${subject.name}/input`;
  const field = panel.field("input");
  const target = answerOf(element);
  panel.onSubmit(async () => {
    const input = field.value;
    const reader = new InputReader(panel);
    const accept = "text/event-stream";
    const result = await panel.run({
      ...{ path, body: { input }, accept },
      take: (piece) => reader.take(piece),
      finish: () => reader.finish(),
    }, target);
    if (result === "done" && field.value === input) field.value = "";
  });
  takeFiles(panel, field);
}

/** The events of an input. */
class InputReader {
  #events = new EventReader();
  /** @type {Finish} */
  #finish = { trouble: CUT, tokens: null };

  /** @param {Panel} panel */
  constructor(panel) {
    this.panel = panel;
  }

  /** @param {string} piece */
  take(piece) {
    for (const { type, data } of this.#events.read(piece)) {
      const json = parseObject(data);
      if (type === "phase") {
        this.panel.phase(/** @type {Progress} */ (/** @type {unknown} */ (json)));
      }
      if (type === "chunk") this.panel.append(String(json.text));
      if (type === "done") this.#finish = { trouble: null, tokens: tokensOf(answerIn(json)) };
      if (type === "fail") this.#finish = { trouble: troubleIn(json, data), tokens: null };
    }
  }

  finish() {
    return this.#finish;
  }
}

/** @param {Record<string, unknown>} done @returns {Record<string, unknown>} */
function answerIn({ answer }) {
  return typeof answer === "object" && answer !== null ? { ...answer } : {};
}

/** @param {Record<string, unknown>} fail @param {string} data @returns {Trouble} */
function troubleIn({ source, status, body }, data) {
  const isOurs = source === "supervisor";
  return troubleOfAnswer(Number(status), isOurs ? data : String(body), isOurs);
}

/** A file's text comes into the field, to be seen before it is sent. @param {Panel} panel @param {HTMLTextAreaElement} field */
function takeFiles(panel, field) {
  const chooser = panel.form.elements.namedItem("file");
  if (!(chooser instanceof HTMLInputElement)) return;
  const take = async () => {
    const [file] = chooser.files ?? [];
    if (file === undefined) return;
    const text = whyNotFile(file, "") === "" ? await textOf(file) : null;
    const detail = whyNotFile(file, text);
    chooser.value = "";
    if (text !== null) field.value = text;
    else {
      const remedy = "Choose a smaller file of text, or send it to the engine under /upstream.";
      panel.fail({ title: "This file can't be an input", detail, remedy, lastLines: [] });
    }
  };
  chooser.addEventListener("change", () => take().then(() => {}, reportError));
}

/** @param {File} file */
async function textOf(file) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return null;
  }
}

/** @param {HTMLElement} element @param {Subject} subject */
function startLikeness(element, subject) {
  const panel = new Panel(element, subject);
  const target = answerOf(element);
  panel.onSubmit(async () => {
    const input = [panel.field("one").value, panel.field("other").value];
    const body = { model: panel.field("model").value, input };
    let text = "";
    await panel.run({
      ...{ path: "/v1/embeddings", body, accept: "application/json" },
      take: (piece) => text += piece,
      finish: () => {
        const likeness = similarityOf(parseObject(text));
        if (likeness !== null) panel.append(similarityText(likeness));
        return { trouble: likeness === null ? NO_VECTORS : null, tokens: null };
      },
    }, target);
  });
}

/** @param {HTMLElement} element */
function answerOf(element) {
  return /** @type {HTMLElement} */ (element.querySelector("[data-field=answer]"));
}
