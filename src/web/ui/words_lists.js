// @ts-check
/**
 * What is said of lines, requests and events where they stand in lists. The server renders with it and
 * the browser goes on with it. It touches no document.
 *
 * @import { RequestView } from "../../core/mod.ts"
 * @import { NoticeEvent, StateEvent } from "../../events/mod.ts"
 * @module
 */
import { placeText } from "./words_place.js";
import { durationText, sizeText, stateLook } from "./words.js";

const NONE = "–";

/**
 * A piece of a line that looks the same throughout.
 *
 * @typedef {object} Span
 * @property {string} look Names of classes; empty = as the rest.
 * @property {string} text
 */

/** Colours by their numbers (ECMA-48): eight, and bright ones as their plain ones but for grey. */
const COLOUR_NAMES = ["", "red", "green", "yellow", "blue", "magenta", "cyan", ""];
/** Weights and the like by the codes that begin them. @type {Readonly<Record<number, string>>} */
const WEIGHTS = { 1: "bold", 2: "dim", 4: "under", 7: "framed" };
/** What the codes that end them end. @type {Readonly<Record<number, readonly string[]>>} */
const ENDS = { 22: ["bold", "dim"], 24: ["under"], 27: ["framed"] };

// deno-lint-ignore no-control-regex
const ESCAPE = /\x1b\[([0-9;:]*)m/;

/**
 * A line with colour codes as pieces. A background is drawn as a frame: beside colours that nobody chose
 * together, text would be hard to read.
 *
 * @param {string} styled
 * @returns {Span[]}
 */
export function toSpans(styled) {
  const [first = "", ...rest] = styled.split(ESCAPE);
  /** @type {Span[]} */
  const spans = [{ look: "", text: first }];
  const looks = new Set();
  let colour = "";
  for (let i = 0; i < rest.length; i += 2) {
    colour = applyCodes(rest[i] ?? "", looks, colour);
    spans.push({ look: [...looks, colour].filter(Boolean).join(" "), text: rest[i + 1] ?? "" });
  }
  return spans.filter(({ text }) => text !== "");
}

/** @param {string} text @param {Set<string>} looks @param {string} before The colour. */
function applyCodes(text, looks, before) {
  const codes = text.split(/[;:]/).map(Number);
  let colour = before;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    const weight = WEIGHTS[code];
    if (code === 0) {
      looks.clear();
      colour = "";
    } else if (weight !== undefined) looks.add(weight);
    else if (code in ENDS) { for (const look of ENDS[code] ?? []) looks.delete(look); }
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) colour = colourOf(code);
    else if (code === 39) colour = "";
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) looks.add("framed");
    else if (code === 49) looks.delete("framed");
    else if (code === 38 || code === 48) {
      const isIndex = codes[i + 1] === 5;
      if (code === 48) looks.add("framed");
      else if (isIndex) colour = colourOfIndex(codes[i + 2] ?? 0);
      else colour = nearestColour(codes.slice(i + 2, i + 5));
      i += isIndex ? 2 : 4;
    }
  }
  return colour;
}

/** @param {number} code */
function colourOf(code) {
  return code === 90 ? "grey" : COLOUR_NAMES[code % 10] ?? "";
}

/** Of the 256 that terminals know. @param {number} index */
function colourOfIndex(index) {
  if (index < 16) return index === 8 ? "grey" : COLOUR_NAMES[index % 8] ?? "";
  if (index >= 232) return index > 237 && index < 250 ? "grey" : "";
  const cube = index - 16;
  return nearestColour([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6]);
}

/** @param {readonly number[]} parts Red, green and blue, all on one scale. */
function nearestColour([red = 0, green = 0, blue = 0]) {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most === 0 || most - least < most / 4) return "";
  const half = (most + least) / 2;
  return COLOUR_NAMES[Number(red > half) + 2 * Number(green > half) + 4 * Number(blue > half)] ??
    "";
}

/** `12:04:11.042`, local time. @param {string | number} time */
export function fineTime(time) {
  const date = new Date(time);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Who says a line. @param {string | null} engine */
export function speakerOf(engine) {
  return engine ?? "ai-engine";
}

/** @param {number} count */
export function newLinesText(count) {
  return count === 1 ? "1 new line" : `${count} new lines`;
}

/** Said in the place of lines that did not come to the page. @param {number} count */
export function missedText(count) {
  return count === 1 ? "… 1 line is not shown here" : `… ${count} lines are not shown here`;
}

/**
 * A request in words and shapes.
 *
 * @typedef {object} RequestText
 * @property {string} shape
 * @property {"muted" | "ok" | "warn" | "bad"} tone
 * @property {string} word Where it is, or how it ended.
 * @property {string} began
 * @property {string} target
 * @property {string} engine
 * @property {string} held
 * @property {string} firstByte
 * @property {string} total
 * @property {string} bytes
 * @property {string} tokens
 * @property {boolean} isRunning
 */

/**
 * `now` is the server's wall clock in milliseconds.
 *
 * @param {RequestView} view
 * @param {number} now
 * @returns {RequestText}
 */
export function describeRequest(view, now) {
  const { progress, startedAt, method, path, engine, model } = view;
  const isRunning = progress.phase !== "ended";
  return {
    ...lookOf(view),
    began: fineTime(startedAt),
    target: `${method} ${path}`,
    engine: engine ?? (model === null ? NONE : `model ${model}`),
    held: durationOr(view.heldMs),
    firstByte: durationOr(view.firstByteMs),
    total: durationOr(isRunning ? Math.max(0, now - Date.parse(startedAt)) : view.totalMs),
    bytes: `${sizeOf(view.bytesIn)} / ${sizeOf(view.bytesOut)}`,
    tokens: tokensOf(view),
    isRunning,
  };
}

/** Whether something went wrong: no whole answer, or one that says so. @param {RequestView} view */
export function hasFailed({ progress, status }) {
  if (progress.phase !== "ended") return false;
  return ["refused", "cut"].includes(progress.outcome) || (status ?? 0) >= 400;
}

/** @param {RequestView} view @returns {Pick<RequestText, "shape" | "tone" | "word">} */
function lookOf({ progress, place, status, errorCode }) {
  switch (progress.phase) {
    case "held":
      return { shape: "half", tone: "warn", word: `Waiting${placeText(place)}` };
    case "sent":
      return { shape: "ring", tone: "ok", word: "Sent" };
    case "answering":
      return { shape: "bar", tone: "ok", word: `Answering (${status})` };
    case "ended":
      break;
  }
  const said = [status, errorCode].filter((one) => one !== null).join(" ");
  switch (progress.outcome) {
    case "answered":
      return (status ?? 0) >= 400
        ? { shape: "triangle", tone: "bad", word: said }
        : { shape: "disc", tone: "ok", word: said };
    case "refused":
      return { shape: "triangle", tone: "bad", word: `Refused ${said}` };
    case "cut":
      return { shape: "triangle", tone: "bad", word: `Broke off ${said}` };
    case "left":
      return { shape: "square", tone: "muted", word: `Client left ${said}` };
    case "cancelled":
      return { shape: "square", tone: "muted", word: `Cancelled ${said}` };
  }
}

/** @param {number | null} ms */
function durationOr(ms) {
  return ms === null ? NONE : durationText(ms);
}

/** @param {number} bytes */
function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : sizeText(bytes);
}

/** "12 / 214, 41.3 a second". @param {RequestView} view */
function tokensOf({ tokensIn, tokensOut, totalMs, firstByteMs }) {
  if (tokensIn === null && tokensOut === null) return NONE;
  const counts = `${tokensIn ?? NONE} / ${tokensOut ?? NONE}`;
  const ms = (totalMs ?? 0) - (firstByteMs ?? 0);
  if (tokensOut === null || ms < 1) return counts;
  return `${counts}, ${(tokensOut * 1000 / ms).toFixed(1)} a second`;
}

/**
 * An event in words and shapes.
 *
 * @typedef {object} EventText
 * @property {string} shape
 * @property {string} tone
 * @property {string} at RFC 3339.
 * @property {string} engine
 * @property {string} what
 * @property {string} detail
 */

/**
 * A change of state, or a notice.
 *
 * @param {StateEvent | NoticeEvent} event
 * @returns {EventText}
 */
export function describeEvent(event) {
  if (event.type === "notice") {
    const { level, engine, title, detail, remedy, at } = event;
    return {
      shape: level === "warn" ? "triangle" : "disc",
      tone: level === "warn" ? "warn" : "muted",
      at,
      engine: speakerOf(engine ?? null),
      what: title,
      detail: `${detail}${remedy === undefined ? "" : ` ${remedy}`}`,
    };
  }
  const { engine, instance, from, to, view } = event;
  return {
    ...stateLook(to),
    at: view.instances?.find(({ id }) => id === instance)?.since ?? view.since,
    engine: instance === undefined ? engine : `${engine} ${instance}`,
    what: `${from} → ${to}`,
    detail: changeDetail(event),
  };
}

/** "requested, after 2.1 s, exit code 1, by SIGKILL": why and how. @param {StateEvent} event */
function changeDetail({ reason, tookMs, exitCode, signal, how, to, view }) {
  const error = to === "failed" || to === "backoff" || reason === "crash" ? view.lastError : null;
  return [
    reason.replaceAll("_", " "),
    tookMs === undefined ? "" : `after ${durationText(tookMs)}`,
    exitCode === undefined ? "" : `exit code ${exitCode}`,
    signal === undefined ? "" : `by ${signal}`,
    how === undefined ? "" : how,
    error === null ? "" : `${error.title}: ${error.detail} ${error.remedy}`,
  ].filter(Boolean).join(", ");
}
