// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The charts of an engine, kept going from what happens. What was before comes from the server's
 * newest requests.
 *
 * @import { EngineView } from "../../../core/mod.ts"
 * @import { Live } from "./live.js"
 * @import { Slot } from "../words_charts.js"
 * @module
 */
import { setText } from "./dom.js";
import {
  bandsOf,
  CHARTS,
  chartText,
  COLUMNS,
  HEIGHT,
  History,
  pathOf,
  rowsOf,
  SLOT_MS,
  topOf,
} from "../words_charts.js";

const SVG = "http://www.w3.org/2000/svg";

/** @param {HTMLElement} root @param {Live} live */
export function start(root, live) {
  new Charts(root, live).start();
}

class Charts {
  #history = new History();
  #engine;
  #isDue = false;

  /** @param {HTMLElement} root @param {Live} live */
  constructor(root, live) {
    this.root = root;
    this.live = live;
    this.#engine = root.dataset.charts ?? "";
  }

  start() {
    const { live } = this;
    live.topics(["request"]);
    live.on("snapshot", ({ engines }) => {
      for (const view of engines) if (view.name === this.#engine) this.#take(view);
    });
    live.on("state", ({ engine, view }, { isHistory }) => {
      if (engine === this.#engine && !isHistory) this.#take(view);
    });
    live.on("request", (request) => {
      if (request.engine !== this.#engine) return;
      this.#history.addRequest(request);
      this.#drawSoon();
    });
    live.onLink(({ kind }) => {
      if (kind === "live") this.#catchUp().then(() => {}, () => {}); // what comes later comes anyhow
      else if (kind !== "connecting") this.#history.pause(live.now());
    });
    this.root.querySelector("details")?.addEventListener("toggle", () => this.#drawSoon());
    setInterval(() => this.#drawSoon(), SLOT_MS);
  }

  /** @param {EngineView} view */
  #take(view) {
    this.#history.addView(view, this.live.now());
    this.#drawSoon();
  }

  /** Requests that ended while nothing was told here, as far as the server still knows them. */
  async #catchUp() {
    const response = await fetch(`/api/requests?engine=${this.#engine}&limit=500`);
    if (!response.ok) return;
    for (const request of (await response.json()).requests) this.#history.addRequest(request);
    this.#drawSoon();
  }

  /** With the next frame; a page that is not seen has none. */
  #drawSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      drawAll(this.root, this.#history.slots(this.live.now()));
    });
  }
}

/** @param {HTMLElement} root @param {Slot[]} slots */
function drawAll(root, slots) {
  const bands = bandsOf(slots);
  for (const chart of CHARTS) {
    const svg = root.querySelector(`[data-chart="${chart.id}"]`);
    if (svg === null) continue;
    setText(root, `chart-${chart.id}`, chartText(chart, slots));
    const values = chart.series.map((series) => slots.map((slot) => slot[series]));
    const top = topOf(values.flat());
    for (const [i, path] of svg.querySelectorAll("path").entries()) {
      path.setAttribute("d", pathOf(values[i] ?? [], top));
    }
    svg.querySelector("g")?.replaceChildren(...bands.map(toRect));
  }
  if (root.querySelector("details")?.open === true) drawTable(root, slots);
}

/** @param {ReturnType<typeof bandsOf>[number]} band */
function toRect({ x, width, tone, word }) {
  const rect = document.createElementNS(SVG, "rect");
  const sizes = { x, y: 0, width, height: HEIGHT };
  for (const [name, value] of Object.entries(sizes)) rect.setAttribute(name, String(value));
  rect.setAttribute("data-tone", tone);
  const title = document.createElementNS(SVG, "title");
  title.textContent = word;
  rect.append(title);
  return rect;
}

/** @param {HTMLElement} root @param {Slot[]} slots */
function drawTable(root, slots) {
  const rows = rowsOf(slots).map((cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((text, at) => {
      const cell = document.createElement("td");
      cell.dataset.label = COLUMNS[at] ?? "";
      cell.textContent = text;
      return cell;
    }));
    return row;
  });
  root.querySelector("tbody")?.replaceChildren(...rows);
}
