// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Small changes of a page: texts and what is hidden, never whole elements, so that focus and selection
 * stay where they are.
 *
 * @module
 */

const ANNOUNCE_EVERY_MS = 2000;

/** @param {ParentNode} root @param {string} field @param {string} text */
export function setText(root, field, text) {
  const element = root.querySelector(`[data-field="${field}"]`);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

/** @param {ParentNode} root @param {string} part @param {boolean} isShown */
export function setShown(root, part, isShown) {
  const element = root.querySelector(`[data-part="${part}"]`);
  if (element instanceof HTMLElement) element.hidden = !isShown;
}

/** What is to be said next, and whether nothing was said for a while. */
const speech = { next: "", isQuiet: true };

/**
 * Speaks to screen readers, one sentence every 2 s at most; of several the last.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  speech.next = sentence;
  if (speech.isQuiet) speak();
}

function speak() {
  speech.isQuiet = speech.next === "";
  if (speech.isQuiet) return;
  setText(document, "announcement", speech.next);
  speech.next = "";
  setTimeout(speak, ANNOUNCE_EVERY_MS);
}
