// @ts-check
/**
 * What the page says, in words and shapes, from the JSON that any client gets. The server renders
 * with it and the browser updates with it, so both say the same. It touches no document.
 *
 * @import { EngineView, ErrorView } from "../../core/mod.ts"
 * @module
 */

/**
 * An engine in words and shapes.
 *
 * @typedef {object} EngineText
 * @property {"square" | "ring" | "disc" | "bar" | "half" | "hollow" | "triangle"} shape
 * @property {"muted" | "warn" | "ok" | "bad"} tone
 * @property {string} word The state.
 * @property {string} note Why it is so, or since when; goes on from the word.
 * @property {string} idle When it will be stopped for being idle.
 * @property {{ value: number, max: number } | null} left Seconds until then.
 * @property {string} pid
 * @property {string} memory
 * @property {{ start: ActionText, stop: ActionText, restart: ActionText }} actions
 * @property {ErrorView | null} error What is wrong with it now.
 */

/**
 * @typedef {object} ActionText
 * @property {string} label
 * @property {string} path Below `/engines/NAME` and `/api/engines/NAME`.
 * @property {string} blocked Why it can't be done now; empty when it can.
 */

/** What a page shows of an error, ours or the engine's. @typedef {Pick<ErrorView, "title" | "detail" | "remedy" | "lastLines">} Trouble */

const NONE = "–";

/** @type {Record<EngineView["state"], Pick<EngineText, "shape" | "tone" | "word">>} */
const LOOKS = {
  stopped: { shape: "square", tone: "muted", word: "Stopped" },
  starting: { shape: "ring", tone: "warn", word: "Starting" },
  ready: { shape: "disc", tone: "ok", word: "Ready" },
  draining: { shape: "half", tone: "warn", word: "Draining" },
  stopping: { shape: "ring", tone: "warn", word: "Stopping" },
  backoff: { shape: "hollow", tone: "warn", word: "Waiting" },
  failed: { shape: "triangle", tone: "bad", word: "Failed" },
};

/**
 * Says all about an engine. `now` is the server's wall clock in milliseconds.
 *
 * @param {EngineView} view
 * @param {number} now
 * @returns {EngineText}
 */
export function describeEngine(view, now) {
  return {
    ...stateLook(view.state, view.inflight),
    note: noteOf(view, now),
    idle: idleOf(view, now),
    left: leftOf(view, now),
    pid: view.pid === null ? NONE : String(view.pid),
    memory: view.rssBytes === null ? NONE : sizeText(view.rssBytes),
    actions: actionsOf(view, now),
    error: isBroken(view) ? view.lastError : null,
  };
}

/**
 * What is on the machine, in a line: "5 engines, 2 running, 1 failed, 412 MB".
 *
 * @param {readonly EngineView[]} views
 */
export function summaryText(views) {
  const running = views.filter(isRunning);
  const failed = views.filter(isBroken).length;
  const bytes = views.reduce((sum, { rssBytes }) => sum + (rssBytes ?? 0), 0);
  return [
    views.length === 1 ? "1 engine" : `${views.length} engines`,
    `${running.length} running`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(bytes === 0 ? [] : [sizeText(bytes)]),
  ].join(", ");
}

/** Whether there is something to stop. @param {EngineView} view */
export function isRunning({ state }) {
  return state !== "stopped" && state !== "failed";
}

/** Those first that need somebody, then those that run. @param {EngineView} view */
export function rankOf(view) {
  if (isBroken(view)) return 0;
  return view.state === "stopped" ? 2 : 1;
}

/**
 * Each of an engine's instances in words and shape; none where there is only one.
 *
 * @param {EngineView} view
 * @returns {(Pick<EngineText, "shape" | "tone" | "word"> & { id: number, note: string })[]}
 */
export function describeInstances({ instances = [] }) {
  return instances.map(({ id, state, since, pid, inflight, rssBytes, readyAt }) => ({
    id,
    ...stateLook(state, inflight),
    note: [
      `since ${timeText(readyAt ?? since)}`,
      ...(inflight === 0 ? [] : [requests(inflight)]),
      ...(rssBytes === null ? [] : [sizeText(rssBytes)]),
      ...(pid === null ? [] : [`process ${pid}`]),
    ].join(", "),
  }));
}

/**
 * A state, or ready with work in flight, in a word and a shape.
 *
 * @param {EngineView["state"]} state
 * @param {number} [inflight]
 * @returns {Pick<EngineText, "shape" | "tone" | "word">}
 */
export function stateLook(state, inflight = 0) {
  const isBusy = state === "ready" && inflight > 0;
  return isBusy ? { shape: "bar", tone: "ok", word: "Busy" } : LOOKS[state];
}

/**
 * Goes on from the word: "Stopped after 5 min without use, 12:04".
 *
 * @param {EngineView} view
 * @param {number} now
 */
function noteOf(view, now) {
  const waiting = waitingOf(view, now);
  const tookMs = now - Date.parse(view.since);
  const passed = tookMs < 1000 ? "just now" : `for ${durationText(tookMs)}`;
  switch (view.state) {
    case "stopped":
      return view.reason === null
        ? "until something is sent or Start is pressed"
        : `${endingOf(view)}, ${timeText(view.since)}${waiting}`;
    case "starting":
      return `${passed}${usualOf(view)}${waiting}`;
    case "ready":
      return view.inflight > 0
        ? `with ${requests(view.inflight)}${waiting}`
        : `since ${timeText(view.readyAt ?? view.since)}`;
    case "draining":
      return `with ${requests(view.inflight)} left${
        leftUntil(view, now, "until it is stopped")
      }${waiting}`;
    case "stopping":
      return `${passed}${leftUntil(view, now, "until the next signal")}${waiting}`;
    case "backoff":
      return `to start again${leftUntil(view, now, "")} ${endingOf(view)}${waiting}`;
    case "failed":
      return `to start, ${timeText(view.since)}`;
  }
}

/** " of about 6 s" @param {EngineView} view */
function usualOf({ usualStartMs }) {
  return usualStartMs === null || usualStartMs < 1000
    ? ""
    : ` of about ${durationText(usualStartMs)}`;
}

/**
 * The time until the state goes on by itself: ", 3 s until it is stopped", or " in 8 s".
 *
 * @param {EngineView} view
 * @param {number} now
 * @param {string} what
 */
function leftUntil({ deadlineAt }, now, what) {
  const leftMs = deadlineAt === undefined ? 0 : Date.parse(deadlineAt) - now;
  if (leftMs < 1000) return "";
  const left = `${Math.ceil(leftMs / 1000)} s`;
  return what === "" ? ` in ${left}` : `, ${left} ${what}`;
}

/**
 * Who waits, and for how long by now: ", 3 waiting for 12 s".
 *
 * @param {EngineView} view
 * @param {number} now
 */
function waitingOf({ queued, queuedSince }, now) {
  if (queued === 0) return "";
  const ms = queuedSince === null ? 0 : now - Date.parse(queuedSince);
  return ms < 1000 ? `, ${queued} waiting` : `, ${queued} waiting for ${durationText(ms)}`;
}

/** @param {EngineView} view */
function endingOf(view) {
  const { state, reason, idleTimeoutMs } = view;
  if (reason === "idle") {
    return idleTimeoutMs > 0
      ? `after ${durationText(idleTimeoutMs)} without use`
      : "as soon as it was idle";
  }
  if (reason === "exit") return "by itself";
  if (reason === "unhealthy") return "after it did not answer";
  if (reason === "start_failed") return "after it could not be started";
  if (state === "backoff" || reason === "crash") return "after a crash";
  const ending = reason === "shutdown" ? "with the program" : "by hand";
  return view.how === "killed" ? `${ending}, it had to be killed` : ending;
}

/** @param {number} count */
function requests(count) {
  return count === 1 ? "1 request" : `${count} requests`;
}

/** @param {EngineView} view @param {number} now */
function idleOf(view, now) {
  if (view.idleTimeoutMs < 0) return "Runs until it is stopped";
  const left = leftOf(view, now);
  if (left !== null) return `Stops in ${countdownText(left.value)}`;
  if (view.idleTimeoutMs === 0) return "Stops as soon as it is idle";
  if (view.state === "ready") return `Stops ${durationText(view.idleTimeoutMs)} after the last use`;
  return `Stops by itself after ${durationText(view.idleTimeoutMs)} without use`;
}

/** @param {EngineView} view @param {number} now */
function leftOf(view, now) {
  if (view.stopsAt === null || view.idleTimeoutMs <= 0) return null;
  const max = view.idleTimeoutMs / 1000;
  const value = (Date.parse(view.stopsAt) - now) / 1000;
  return { value: Math.min(max, Math.max(0, value)), max };
}

/** A stop is forced only by those who have seen that it takes its time. */
const FORCE_AFTER_MS = 500;

/** @param {EngineView} view @param {number} now @returns {EngineText["actions"]} */
function actionsOf({ kind, state, since }, now) {
  if (kind === "remote") {
    const blocked = "It runs elsewhere; it is started and stopped there.";
    return {
      start: { label: "Start", path: "start", blocked },
      stop: { label: "Stop", path: "stop", blocked },
      restart: { label: "Restart", path: "restart", blocked },
    };
  }
  const isDown = state === "stopped" || state === "failed";
  const isEnding = state === "draining" || state === "stopping";
  const isWaiting = state === "backoff";
  const notNow = isEnding ? "It is being stopped." : "It is starting.";
  const canForce = isEnding && now - Date.parse(since) >= FORCE_AFTER_MS;
  const stopLabel = canForce ? "Force stop" : state === "starting" || isWaiting ? "Cancel" : "Stop";
  return {
    start: {
      label: isWaiting ? "Start now" : "Start",
      path: "start",
      blocked: isDown || isWaiting ? "" : state === "ready" ? "It is running." : notNow,
    },
    stop: {
      label: stopLabel,
      path: canForce ? "stop?force=true" : "stop",
      blocked: isDown ? "It is not running." : isEnding && !canForce ? notNow : "",
    },
    restart: {
      label: "Restart",
      path: "restart",
      blocked: state === "ready" ? "" : isDown ? "It is not running." : notNow,
    },
  };
}

/** Which page a form stands on, and leads back to. @typedef {"engines" | "engine"} FormPage */

/**
 * Where the form of an action goes.
 *
 * @param {string} name
 * @param {string} path Below `/engines/NAME`.
 * @param {FormPage} page
 */
export function formPath(name, path, page) {
  const from = page === "engines" ? "" : `${path.includes("?") ? "&" : "?"}page=${page}`;
  return `/engines/${name}/${path}${from}`;
}

/** @param {EngineView} view */
function isBroken({ state, reason }) {
  if (state === "failed" || state === "backoff") return true;
  return state === "stopped" && ["crash", "unhealthy", "start_failed"].includes(reason ?? "");
}

/**
 * The numbers of an engine's own `/status`; `null` while none came.
 *
 * @param {Readonly<Record<string, unknown>> | null} status
 * @returns {{ count: string, uptime: string }}
 */
export function describeStatus(status) {
  const { count, uptime } = status ?? {};
  return {
    count: typeof count === "number" ? String(count) : NONE,
    uptime: typeof uptime !== "number"
      ? NONE
      : uptime < 1
      ? "0 s"
      : durationText(Math.floor(uptime) * 1000),
  };
}

/**
 * When an answer came and how long it took.
 *
 * @param {{ at: string, tookMs: number }} answer
 */
export function answerTime({ at, tookMs }) {
  return `${timeText(at, "seconds")}, after ${durationText(tookMs)}`;
}

/** Local time, `12:04` or `12:04:11`. @param {string} iso @param {"seconds"} [precision] */
export function timeText(iso, precision) {
  return new Date(iso).toTimeString().slice(0, precision === "seconds" ? 8 : 5);
}

/** `4:12`, `1:02:03`. @param {number} seconds */
function countdownText(seconds) {
  const whole = Math.ceil(seconds);
  /** @param {number} part */
  const two = (part) => String(part).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const rest = two(whole % 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

/** `0.8 ms`, `320 ms`, `12 s`, `5 min`, `2 h 5 min`. @param {number} ms */
export function durationText(ms) {
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${Number((ms / 1000).toFixed(1))} s`;
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor((ms % 60_000) / 1000);
  if (minutes < 10 && seconds > 0) return `${minutes} min ${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? "" : ` ${rest} min`}`;
}

/** @param {number} bytes */
export function sizeText(bytes) {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/**
 * What a notice says below its title.
 *
 * @param {{ detail: string, remedy?: string | undefined, at: string }} notice
 */
export function noticeText({ detail, remedy, at }) {
  return `${detail}${remedy === undefined ? "" : ` ${remedy}`} ${timeText(at)}`;
}

/**
 * An engine's own refusal, which comes as it came from the engine.
 *
 * @param {number} status
 * @param {string} body
 * @returns {Trouble}
 */
export function troubleOfEngine(status, body) {
  const json = parseObject(body);
  const said = [json.error, json.detail, json.message].find((one) => typeof one === "string");
  return {
    title: `The engine answered with status ${status}`,
    detail: String(said ?? body).slice(0, 500) || "It said nothing more.",
    remedy: "Change the input, or look at what the engine printed.",
    lastLines: [],
  };
}

/** The object that `text` is in JSON, else an empty one. @param {string} text @returns {Record<string, unknown>} */
export function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
