// @ts-check
/**
 * What is said where engines are tried out: phases, times, likeness, and the command that does the
 * same. The server renders with it and the browser updates with it. It touches no document.
 *
 * @import { EngineView } from "../../core/mod.ts"
 * @import { Trouble } from "./words.js"
 * @module
 */
import { placeText } from "./words_place.js";
import { durationText, parseObject, troubleOfEngine } from "./words.js";

/** As much of a body the API takes; see `MAX_BODY_BYTES`. */
export const MAX_INPUT_BYTES = 1024 * 1024;

/** More than this no system takes as one argument of a command. */
const MAX_ARGUMENT_BYTES = 100_000;

/**
 * Where an input is on its way: `phase` events carry it, a browser adds what it sees by itself.
 *
 * @typedef {object} Progress
 * @property {"queued" | "starting" | "answering"} phase
 * @property {number | undefined} [position] The place in the line, from 1 on.
 */

/**
 * "Queued, 3rd in line", "Starting, 2.1 s of about 6 s", "Answering".
 *
 * @param {Progress} progress
 * @param {Pick<EngineView, "usualStartMs">} view
 * @param {number | null} elapsedMs Since the phase began; `null` = it is not counted.
 */
export function phaseText({ phase, position }, { usualStartMs }, elapsedMs) {
  const time = elapsedMs === null ? "" : `, ${(Math.max(elapsedMs, 0) / 1000).toFixed(1)} s`;
  if (phase === "answering") return `Answering${time}`;
  const place = placeText(position ?? null);
  if (phase === "queued") return `Queued${place}${time}`;
  const about = time === "" ? ", about" : " of about";
  const usual = usualStartMs === null ? "" : `${about} ${durationText(usualStartMs)}`;
  // Who is the next waits for the start alone.
  return `Starting${time}${usual}${position === 1 ? "" : place}`;
}

/**
 * How long an answer took. Milliseconds.
 *
 * @typedef {object} Timings
 * @property {number} firstByteMs
 * @property {number} totalMs
 * @property {number | null} tokens Those that were written; `null` where the answer does not say.
 */

/** "First byte after 310 ms, all after 1.2 s, 214 tokens, 41.3 a second". @param {Timings} timings */
export function timingsText({ firstByteMs, totalMs, tokens }) {
  const times = `First byte after ${durationText(firstByteMs)}, all after ${durationText(totalMs)}`;
  if (tokens === null) return times;
  const counted = `${times}, ${tokens} ${tokens === 1 ? "token" : "tokens"}`;
  const pace = tokensPerSecond({ firstByteMs, totalMs, tokens });
  return pace === null ? counted : `${counted}, ${pace.toFixed(1)} a second`;
}

/** From the first token to the last, where they came one by one. @param {Timings} timings */
function tokensPerSecond({ firstByteMs, totalMs, tokens }) {
  if (tokens === null || tokens < 1 || totalMs <= 0) return null;
  const isStreamed = tokens > 1 && totalMs - firstByteMs > totalMs / 20;
  return isStreamed ? (tokens - 1) * 1000 / (totalMs - firstByteMs) : tokens * 1000 / totalMs;
}

/**
 * How many tokens were written, as an answer of OpenAI's shape says it.
 *
 * @param {Readonly<Record<string, unknown>>} json
 * @returns {number | null}
 */
export function tokensOf({ usage }) {
  const { completion_tokens: tokens } = /** @type {Record<string, unknown>} */ (usage ?? {});
  return typeof tokens === "number" ? tokens : null;
}

/**
 * The likeness of two vectors: 1 = the same direction, 0 = nothing in common, -1 = opposite.
 *
 * @param {readonly number[]} one
 * @param {readonly number[]} other As long.
 */
export function cosine(one, other) {
  let dot = 0, a = 0, b = 0;
  for (let i = 0; i < one.length; i++) {
    const [x = 0, y = 0] = [one[i], other[i]];
    dot += x * y;
    a += x * x;
    b += y * y;
  }
  return a === 0 || b === 0 ? 0 : dot / Math.sqrt(a * b);
}

/** What a cosine says of two texts, in one sentence. @param {number} value */
export function similarityText(value) {
  const what = value >= 0.8
    ? "the two say nearly the same"
    : value >= 0.5
    ? "the two are about the same thing"
    : value >= 0.25
    ? "the two have something in common"
    : "the two have little or nothing in common";
  return `Likeness ${value.toFixed(2)}, where 1 is the same and 0 is unrelated: ${what}.`;
}

/**
 * The cosine of the two vectors in an answer of `/v1/embeddings`; `null` where there are none.
 *
 * @param {Readonly<Record<string, unknown>>} json
 * @returns {number | null}
 */
export function similarityOf({ data }) {
  const [one, other] = Array.isArray(data) ? data.map((each) => each?.embedding) : [];
  const areVectors = Array.isArray(one) && Array.isArray(other) && one.length === other.length;
  return areVectors ? cosine(one, other) : null;
}

/** @type {Trouble} */
export const NO_VECTORS = {
  title: "The answer holds no two vectors",
  detail: "The engine answered, but not as OpenAI's /v1/embeddings does.",
  remedy: "Use a model that makes embeddings, or look at what the engine printed.",
  lastLines: [],
};

/** @typedef {{ role: "user" | "assistant", content: string }} Message */

/**
 * The body of a chat. Both kinds of answer say at their end how many tokens there were.
 *
 * @param {string} model
 * @param {readonly Message[]} messages
 */
export function chatBody(model, messages) {
  return { model, messages, stream: true, stream_options: { include_usage: true } };
}

/** The answer of a chat, streamed or whole, as far as it came. */
export class ChatReader {
  /** Anything of a stream has come. */
  hasBegun = false;
  /** @type {number | null} */
  tokens = null;
  /** What is wrong with a stream: an error in it, or no end. @type {Trouble | null} */
  trouble = null;
  #isDone = false;
  #events = new EventReader();

  /** The text that is new with this piece of a stream. @param {string} piece */
  read(piece) {
    this.hasBegun = true;
    let text = "";
    for (const { data } of this.#events.read(piece)) text += this.#take(data);
    return text;
  }

  /** The text of an answer that is no stream. @param {string} body */
  readWhole(body) {
    this.hasBegun = true;
    this.#isDone = true;
    const json = parseObject(body);
    this.tokens = tokensOf(json);
    const [choice] = Array.isArray(json.choices) ? json.choices : [];
    const text = choice?.message?.content;
    return typeof text === "string" ? text : "";
  }

  /** Nothing more comes. */
  end() {
    if (!this.#isDone && this.trouble === null) this.trouble = CUT;
  }

  /** @param {string} data */
  #take(data) {
    if (data === "[DONE]") this.#isDone = true;
    const json = parseObject(data);
    this.tokens = tokensOf(json) ?? this.tokens;
    if (json.error !== undefined) this.trouble = troubleOfModel(500, data);
    const [choice] = Array.isArray(json.choices) ? json.choices : [];
    if (typeof choice?.finish_reason === "string") this.#isDone = true;
    const text = choice?.delta?.content;
    return typeof text === "string" ? text : "";
  }
}

/**
 * What is wrong with a request under `/v1`, in OpenAI's shape or any other.
 *
 * @param {number} status
 * @param {string} body
 * @returns {Trouble & { code?: string }}
 */
export function troubleOfModel(status, body) {
  const { error } = parseObject(body);
  const { message, code } = /** @type {Record<string, unknown>} */ (
    typeof error === "object" && error !== null ? error : {}
  );
  if (code === "wrong_model") return WRONG_MODEL;
  if (typeof message !== "string") {
    return status === 404 ? NO_MODEL_HERE : troubleOfEngine(status, body);
  }
  return {
    title: `The answer was status ${status}`,
    detail: message,
    remedy: "Change what you sent, or look at what the engine printed.",
    lastLines: [],
    ...(typeof code === "string" ? { code } : {}),
  };
}

/**
 * What is wrong with any answer that is an error.
 *
 * @param {number} status
 * @param {string} body
 * @param {boolean} isOurs Of this program, not of the engine.
 * @returns {Trouble & { code?: string }}
 */
export function troubleOfAnswer(status, body, isOurs) {
  const json = parseObject(body);
  const isProblem = isOurs && typeof json.title === "string" && typeof json.remedy === "string";
  if (isProblem) return /** @type {Trouble} */ (/** @type {unknown} */ (json));
  // Under /v1 ours have the shape of the others; the remedy is in the message.
  if (isOurs) {
    return { ...troubleOfModel(status, body), title: "The request was not answered", remedy: "" };
  }
  return typeof json.error === "object" || status === 404
    ? troubleOfModel(status, body)
    : troubleOfEngine(status, body);
}

/** @type {Trouble} */
const WRONG_MODEL = {
  title: "This model does something else",
  detail: "It compares texts but writes none, or writes texts but does not compare them.",
  remedy: "Use it the other way, or another model.",
  lastLines: [],
};

/** @type {Trouble} */
const NO_MODEL_HERE = {
  title: "This engine has no such path",
  detail: "It answered 404: it does not speak OpenAI's protocol, or not this part of it.",
  remedy: "Send it an input instead, or ask it for what it has under /upstream.",
  lastLines: [],
};

/** @type {Trouble} */
export const CUT = {
  title: "The answer broke off",
  detail: "The connection ended before the answer did; what came is above.",
  remedy: "Look at what the engine printed, then send it again.",
  lastLines: [],
};

/**
 * Why a file can't be an input; empty when it can. Its text is `null` where it is none in UTF-8.
 *
 * @param {{ readonly name: string, readonly size: number }} file
 * @param {string | null} text
 */
export function whyNotFile({ name, size }, text) {
  if (size > MAX_INPUT_BYTES) {
    return `${name} is larger than 1 MiB, which is the most that is taken.`;
  }
  return text === null ? `${name} is no text in UTF-8.` : "";
}

/**
 * A command that does the same, to be pasted in a shell.
 *
 * @param {object} request
 * @param {string} request.url
 * @param {unknown} request.body
 * @param {boolean} request.asksForToken
 */
export function curlCommand({ url, body, asksForToken }) {
  const json = JSON.stringify(body);
  const token = asksForToken ? ` -H "Authorization: Bearer $AI_ENGINE_TOKEN"` : "";
  const head = `curl -N ${quote(url)}${token} -H 'Content-Type: application/json'`;
  const isLong = new TextEncoder().encode(json).length > MAX_ARGUMENT_BYTES;
  return isLong ? `${head} --data-binary @- <<'EOF'\n${json}\nEOF` : `${head} -d ${quote(json)}`;
}

/** One word of a POSIX shell. @param {string} text */
function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Server-Sent Events out of text that comes in pieces (HTML standard, section 9.2), as far as engines
 * and we send them.
 */
export class EventReader {
  #rest = "";

  /**
   * The events that are whole with this piece.
   *
   * @param {string} piece
   * @returns {{ type: string, data: string }[]}
   */
  read(piece) {
    // A line break of two characters that comes in two pieces.
    const text = this.#rest + piece;
    const isHalf = text.endsWith("\r");
    const blocks = (isHalf ? text.slice(0, -1) : text).replaceAll(/\r\n?/g, "\n").split("\n\n");
    this.#rest = (blocks.pop() ?? "") + (isHalf ? "\r" : "");
    return blocks.map(toEvent).filter(({ data }) => data !== "");
  }
}

/** @param {string} block */
function toEvent(block) {
  let type = "message";
  /** @type {string[]} */
  const data = [];
  for (const line of block.split("\n")) {
    const [, name, value = ""] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
    if (name === "event") type = value;
    if (name === "data") data.push(value);
  }
  return { type, data: data.join("\n") };
}
