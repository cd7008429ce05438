/** An engine's own answer, made fit to be a `Response`. */
import { ProtocolError } from "../../core/mod.ts";
import type { InputAnswer } from "../../supervisor/mod.ts";

/** Statuses whose responses have no body, whatever the engine sent. */
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Passes status and body on as they came.
 *
 * @throws {ProtocolError} `upstream_failed` for a status that is no final HTTP status.
 */
export function toAnswerResponse(answer: InputAnswer, engine: string): Response {
  const { status, contentType } = answer;
  if (status < 200 || status > 599) {
    throw new ProtocolError("remote", "BAD_STATUS", {
      detail: `The engine ${engine} answered with the status ${status}, which HTTP does not know.`,
      remedy: "Look at the engine's output, and at how it answers POST /input.",
      engine,
    });
  }
  const isPlain = /^[\x20-\x7e]+$/.test(contentType);
  const headers = {
    "content-type": isPlain ? contentType : "application/octet-stream",
    "cache-control": "no-store",
  };
  const body = NULL_BODY.has(status) ? null : new Uint8Array(answer.body);
  return new Response(body, { status, headers });
}

/** What a person reads of an answer: its `message`, or else the whole body as text. */
export function answerText(answer: InputAnswer): string {
  const { message } = answer.json;
  return typeof message === "string" ? message : new TextDecoder().decode(answer.body);
}
