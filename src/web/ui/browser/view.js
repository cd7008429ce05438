// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * What a reader sets for this browser: colours, shortcuts, and whether the page changes by itself.
 *
 * @import { Live } from "./live.js"
 * @module
 */
/** After `g`, a letter that comes later is a letter of its own. */
const CHORD_MS = 1500;

/** Where a letter is a letter. */
const FIELDS = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

/** What was chosen; nothing where the browser keeps nothing. @param {string} key */
function recall(key) {
  try {
    return localStorage.getItem(`ai-engine.${key}`);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string} value */
function keep(key, value) {
  try {
    localStorage.setItem(`ai-engine.${key}`, value);
  } catch {
    // Then it holds for this page.
  }
}

/** @param {string} name @returns {HTMLInputElement[]} */
function inputs(name) {
  return [...document.querySelectorAll(`[data-menu] [name="${name}"]`)]
    .filter((one) => one instanceof HTMLInputElement);
}

function startTheme() {
  const chosen = recall("theme") ?? "auto";
  document.documentElement.dataset.theme = chosen;
  for (const input of inputs("theme")) {
    input.checked = input.value === chosen;
    input.addEventListener("change", () => {
      document.documentElement.dataset.theme = input.value;
      keep("theme", input.value);
    });
  }
}

/** @param {Live} live */
function startPause(live) {
  const button = document.querySelector("[data-pause]");
  if (button === null) return;
  button.addEventListener("click", () => live.isPaused ? live.start() : live.pause());
  live.onLink(() => button.setAttribute("aria-pressed", String(live.isPaused)));
}

function startShortcuts() {
  const [box] = inputs("shortcuts");
  if (box === undefined) return;
  box.checked = recall("shortcuts") !== "off";
  box.addEventListener("change", () => keep("shortcuts", box.checked ? "on" : "off"));
  let chordUntil = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return cancel(event);
    if (!box.checked || event.target instanceof Element && event.target.matches(FIELDS)) return;
    const isChord = event.timeStamp < chordUntil;
    chordUntil = event.key === "g" && !isChord ? event.timeStamp + CHORD_MS : 0;
    if (isChord ? goTo(event.key) : act(event.key)) event.preventDefault();
  });
}

/** @param {string} key */
function goTo(key) {
  const link = document.querySelector(`nav [data-key="${CSS.escape(key)}"]`);
  if (!(link instanceof HTMLElement)) return false;
  link.click();
  return true;
}

/** @param {string} key */
function act(key) {
  const find =
    { "/": "[data-filter], main :is(input, textarea)", p: "[data-pause]", "?": "[data-menu]" }[key];
  const element = find === undefined ? null : document.querySelector(find);
  if (!(element instanceof HTMLElement)) return false;
  if (element instanceof HTMLDetailsElement) element.open = !element.open;
  else if (element instanceof HTMLButtonElement) element.click();
  else element.focus();
  return true;
}

/** Closes the menu, else presses what cancels: the button of the part that has the focus. @param {KeyboardEvent} event */
function cancel(event) {
  const menu = document.querySelector("[data-menu]");
  if (menu instanceof HTMLDetailsElement && menu.open) {
    menu.open = false;
    return menu.querySelector("summary")?.focus();
  }
  const part = event.target instanceof Element ? event.target.closest("section, main") : null;
  const button = part?.querySelector("[data-cancel]:not([hidden], [aria-disabled=true])");
  if (button instanceof HTMLElement) button.click();
}

/**
 * Makes what was chosen hold, and lets it be changed.
 *
 * @param {Live} live
 */
export function startView(live) {
  startTheme();
  startPause(live);
  startShortcuts();
}
