// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Runs in the page before its own scripts: tells how long an input takes to be displayed.
 *
 * @module
 */

/** @param {string} selector @returns {HTMLElement} */
function find(selector) {
  const element = document.querySelector(selector);
  if (element instanceof HTMLElement) return element;
  throw new Error(`the page has no ${selector}`);
}

/**
 * Fills in the text and waits for somebody to click on Send, then for the answer: milliseconds from
 * the click until the answer stands in the document and is visible, and until that was painted.
 *
 * @param {string} text
 * @returns {Promise<{ visibleMs: number, paintedMs: number }>}
 */
function waitForAnswer(text) {
  const message = find("[data-field=answer-message]");
  const field = /** @type {HTMLTextAreaElement} */ (find("[data-engine] textarea"));
  field.value = text;
  let clickedAt = 0;
  const note = (/** @type {Event} */ event) => clickedAt = event.timeStamp;
  find("[data-send]").addEventListener("click", note, { once: true, capture: true });
  return new Promise((resolve) => {
    const look = () => {
      if (message.textContent !== `You said: ${text}` || !message.checkVisibility()) return;
      observer.disconnect();
      const visibleMs = performance.now() - clickedAt;
      afterPaint(() => resolve({ visibleMs, paintedMs: performance.now() - clickedAt }));
    };
    const observer = new MutationObserver(look);
    observer.observe(find("[data-engine]"), {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
}

/** A task posted from a frame's callback runs once that frame is done. @param {() => void} callback */
function afterPaint(callback) {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = callback;
    port2.postMessage(null);
  });
}

/**
 * Milliseconds of the same input as a bare call of the page.
 *
 * @param {string} path @param {string} text
 */
async function callBare(path, text) {
  const begun = performance.now();
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ input: text }),
  });
  await response.text();
  return performance.now() - begun;
}

Object.assign(globalThis, { waitForAnswer, callBare });
