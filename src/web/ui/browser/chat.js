// @ts-check
/// <reference lib="dom" />
/**
 * A chat with a model: what was said goes with each message, and is kept by this page alone.
 *
 * @import { Message } from "../words_try.js"
 * @import { Subject } from "./panel.js"
 * @module
 */
import { Panel } from "./panel.js";
import { chatBody, ChatReader } from "../words_try.js";

/** @param {HTMLElement} element @param {Subject} subject */
export function startChat(element, subject) {
  const chat = new Chat(element, subject);
  chat.panel.onSubmit(() => chat.send());
  element.querySelector("[data-clear]")?.addEventListener("click", () => chat.clear());
}

class Chat {
  /** @type {Message[]} */
  #messages = [];
  /** What was drawn of an exchange that failed. @type {HTMLElement[]} */
  #failed = [];

  /** @param {HTMLElement} element @param {Subject} subject */
  constructor(element, subject) {
    this.panel = new Panel(element, subject);
    this.list = /** @type {HTMLElement} */ (element.querySelector("[data-field=messages]"));
  }

  async send() {
    const field = this.panel.field("message");
    const content = field.value;
    const model = this.panel.field("model").value;
    for (const element of this.#failed) element.remove();
    /** @type {Message[]} */
    const messages = [...this.#messages, { role: "user", content }];
    const drawn = [this.#draw("You", content), this.#draw(model, "")];
    const target = /** @type {HTMLElement} */ (drawn[1]?.querySelector(".said"));
    const { answer, result } = await this.#ask(chatBody(model, messages), target);
    if (result === "done" || (result === "cancelled" && answer !== "")) {
      this.#messages = [...messages, { role: "assistant", content: answer }];
      if (field.value === content) field.value = "";
    } else this.#failed = drawn;
  }

  clear() {
    this.panel.cancel();
    this.#messages = [];
    this.list.replaceChildren();
    this.list.hidden = true;
    this.panel.field("message").focus();
  }

  /** @param {ReturnType<typeof chatBody>} body @param {HTMLElement} target */
  async #ask(body, target) {
    const reader = new ChatReader();
    let answer = "";
    let whole = "";
    const append = (/** @type {string} */ text) => {
      answer += text;
      this.panel.append(text);
    };
    const { model, messages } = body;
    const result = await this.panel.run({
      ...{ path: "/v1/chat/completions", body, commandBody: { model, messages } },
      accept: "text/event-stream, application/json",
      take: (piece, type) => {
        if (type.startsWith("text/event-stream")) append(reader.read(piece));
        else whole += piece;
      },
      finish: () => {
        if (!reader.hasBegun) append(reader.readWhole(whole));
        reader.end();
        return reader;
      },
    }, target);
    return { answer, result };
  }

  /** @param {string} who @param {string} text */
  #draw(who, text) {
    const message = document.createElement("div");
    message.className = "message";
    const name = document.createElement("strong");
    name.textContent = who;
    const said = document.createElement("p");
    said.className = "said";
    said.textContent = text;
    message.append(name, said);
    this.list.hidden = false;
    this.list.append(message);
    this.list.scrollTop = this.list.scrollHeight;
    return message;
  }
}
