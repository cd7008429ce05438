// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The browser's part of every page: the line to the server, and the modules that the page names. Pages
 * are whole without it.
 *
 * @import { Link, LinkKind } from "./stream.js"
 * @module
 */
import { noticeText, timeText } from "../words.js";
import { announce, setShown, setText } from "./dom.js";
import { startCards } from "./engines.js";
import { Live } from "./live.js";
import { startView } from "./view.js";

const { body } = document;
/** The page's line to the server. */
export const live = new Live({ now: Number(body.dataset.now), lastId: body.dataset.lastId ?? "" });

/** @type {Record<LinkKind, { word: string, shape: string }>} */
const LINKS = {
  connecting: { word: "Connecting", shape: "ring" },
  live: { word: "Live", shape: "disc" },
  reconnecting: { word: "Reconnecting", shape: "ring" },
  polling: { word: "Polling: too many tabs", shape: "ring" },
  stopped: { word: "Server stopped", shape: "square" },
  paused: { word: "Paused", shape: "square" },
  signed_out: { word: "Signed out", shape: "square" },
};

/** " in 3 s" @param {number | null} retryAt */
function waitText(retryAt) {
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - Date.now()) / 1000);
  return seconds < 1 ? "" : ` in ${seconds} s`;
}

/** @param {Link} link */
function showLink({ kind, retryAt }) {
  const isCurrent = ["live", "connecting", "polling"].includes(kind);
  if (!isCurrent && body.dataset.link === "live") {
    setText(body, "link-since", ` · as of ${timeText(new Date().toISOString(), "seconds")}`);
  }
  body.dataset.link = isCurrent || kind === "paused" ? kind : "lost";
  setShown(body, "link-since", !isCurrent);
  setText(body, "link", LINKS[kind].word + waitText(retryAt));
  body.querySelector("[data-link-mark]")?.setAttribute("data-mark", LINKS[kind].shape);
}

/** A button that can't act says why, and the second click of a double click does nothing. @param {MouseEvent} event */
function click(event) {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button === null) return;
  const isBlocked = button.getAttribute("aria-disabled") === "true";
  if (isBlocked && button.title !== "") announce(button.title);
  if (isBlocked || (event.detail > 1 && "action" in button.dataset)) event.preventDefault();
}

/** What has a module of its own starts with it: `start(element, live)`. */
async function startModules() {
  const elements = [...document.querySelectorAll("[data-module]")];
  const paths = elements.map((element) => element.getAttribute("data-module") ?? "");
  const modules = await Promise.all(paths.map((path) => import(path)));
  modules.forEach(({ start }, i) => start(elements[i], live));
}

for (const element of document.querySelectorAll("[data-needs-script]")) {
  element.removeAttribute("hidden");
}
document.addEventListener("click", click);
live.on("notice", ({ engine, title, detail, remedy, at }) => {
  const element = document.querySelector("main > [data-part=notice]");
  if (engine !== undefined || !(element instanceof HTMLElement)) return;
  setText(element, "notice-title", title);
  setText(element, "notice-text", noticeText({ detail, remedy, at }));
  element.hidden = false;
  announce(`${title}. ${detail}`);
});
startView(live);
startCards(document, live);
/** @type {Link} */
let link = { kind: "connecting", retryAt: null };
live.onLink((next) => showLink(link = next));
setInterval(() => {
  if (link.retryAt !== null) showLink(link);
}, 500);
// Nothing is told before all are there who listen, and with the topics that they want.
startModules().then(() => {}, reportError).then(() => live.start(), reportError);
