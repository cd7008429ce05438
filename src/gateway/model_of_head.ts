import { ModelError } from "../core/mod.ts";
import type { ReceivedRequest } from "../http1/mod.ts";

/** Names the model of a request whose body is not to be looked into. */
export const MODEL_FIELD = "AI-Engine-Model";

const FIELD = MODEL_FIELD.toLowerCase();
const QUESTION = 0x3f;
const UTF_8 = new TextDecoder();

/**
 * The model that the head of a request names: the header, else `model` in the query. `""` = none.
 * Throws `bad_request` when there are two headers.
 */
export function modelOfHead(request: ReceivedRequest): string {
  const { fields } = request;
  const index = fields.find(FIELD);
  if (index >= 0) {
    if (fields.find(FIELD, index + 1) >= 0) throw namedTwice();
    return UTF_8.decode(fields.value(index));
  }
  const query = request.targetBytes.indexOf(QUESTION);
  if (query < 0) return "";
  return new URLSearchParams(request.target.slice(query)).get("model") ?? "";
}

function namedTwice(): ModelError {
  return new ModelError("bad_request", {
    detail: `The request has two headers ${MODEL_FIELD}.`,
    remedy: "Send one.",
  });
}
