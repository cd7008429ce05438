// @ts-check
/// <reference lib="dom" />
/**
 * What pages with lists share: rows out of a template, one write to the page for all that came since the
 * last frame.
 *
 * @module
 */

/**
 * The line to the server, as far as lists need it.
 *
 * @typedef {object} Feed
 * @property {(type: string, handler: (data: never) => void) => () => void} on
 * @property {((names: readonly string[]) => void) | undefined} [topics]
 * @property {(handler: (link: { kind: string }) => void) => () => void} onLink
 * @property {() => number} now The server's wall clock.
 */

/** Calls `write` once, in the next frame, however often it is asked to. @param {() => void} write */
export function oncePerFrame(write) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      write();
    });
  };
}

/** A copy of the row that the server has left empty. @param {ParentNode} root */
export function newRow(root) {
  const template = root.querySelector("template[data-row]");
  if (!(template instanceof HTMLTemplateElement)) throw new Error("no empty row");
  const row = template.content.firstElementChild?.cloneNode(true);
  return /** @type {HTMLElement} */ (row);
}

/**
 * Takes rows away from the end until `count` are left. One that has the focus stays.
 *
 * @param {Element} list @param {number} count
 */
export function keepFirst(list, count) {
  for (let row = list.lastElementChild; row !== null && list.childElementCount > count;) {
    const before = row.previousElementSibling;
    if (!row.contains(document.activeElement)) row.remove();
    row = before;
  }
}
