// @ts-check
/// <reference lib="dom" />
/**
 * Changes of state and notices as they happen, the newest on top.
 *
 * @import { NoticeEvent, StateEvent } from "../../../events/mod.ts"
 * @import { Feed } from "./rows.js"
 * @module
 */
import { describeEvent, fineTime } from "../words_lists.js";
import { setShown, setText } from "./dom.js";
import { keepFirst, newRow, oncePerFrame } from "./rows.js";

/** @param {HTMLElement} root @param {Feed} live */
export function start(root, live) {
  const engine = root.dataset.engineFilter ?? "";
  const most = Number(root.dataset.rows);
  const list = /** @type {HTMLElement} */ (root.querySelector('[data-part="events"]'));
  /** @type {(StateEvent | NoticeEvent)[]} */
  let waiting = [];
  const write = oncePerFrame(() => {
    list.prepend(...waiting.reverse().map((event) => toRow(root, event)));
    waiting = [];
    list.hidden = false;
    setShown(root.parentElement ?? root, "no-rows", false);
    keepFirst(list, most);
  });
  /** @param {StateEvent | NoticeEvent} event */
  const add = (event) => {
    if (engine !== "" && event.engine !== engine) return;
    waiting = [...waiting, event].slice(-most);
    write();
  };
  live.on("state", (/** @type {StateEvent} */ data) => add({ ...data, type: "state" }));
  live.on("notice", (/** @type {NoticeEvent} */ data) => add({ ...data, type: "notice" }));
}

/** @param {HTMLElement} root @param {StateEvent | NoticeEvent} event */
function toRow(root, event) {
  const { shape, tone, at, engine, what, detail } = describeEvent(event);
  const row = newRow(root);
  row.dataset.tone = tone;
  row.querySelector("time")?.setAttribute("datetime", at);
  row.querySelector("[data-mark]")?.setAttribute("data-mark", shape);
  for (const [field, text] of Object.entries({ at: fineTime(at), engine, what, detail })) {
    setText(row, field, text);
  }
  return row;
}
