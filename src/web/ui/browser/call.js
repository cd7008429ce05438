// @ts-check
/// <reference lib="dom" />
/**
 * Calls of the control API.
 *
 * @import { Trouble } from "../words.js"
 * @module
 */
import { parseObject, troubleOfEngine } from "../words.js";

/** @type {Trouble} */
export const UNREACHABLE = {
  title: "Supervisor not reachable",
  detail: "The program behind this page does not answer.",
  remedy: "Start it again with `ai-engine serve`, then repeat what you did.",
  lastLines: [],
};

/** What a call gives back: a body, or what went wrong. @typedef {{ body: Record<string, unknown>, trouble: null } | { body: null, trouble: Trouble & { code?: string } }} Outcome */

/** @param {string} path Below `/api`. @param {object} [body] @returns {Promise<Outcome>} */
export async function post(path, body) {
  try {
    const response = await fetch(`/api${path}`, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return { body: { message: text, ...parseObject(text) }, trouble: null };
    const isOurs = response.headers.get("ai-engine-error-source") === "supervisor";
    const trouble = isOurs ? JSON.parse(text) : troubleOfEngine(response.status, text);
    return { body: null, trouble };
  } catch {
    return { body: null, trouble: UNREACHABLE };
  }
}
