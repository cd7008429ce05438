/** What the forms for trying an engine out send, as browsers send it. */
import { RequestError } from "../core/mod.ts";
import type { Message } from "./ui/words_try.js";
import { parseObject } from "./ui/words.js";

/**
 * Reads a form of either encoding.
 *
 * @throws {RequestError} `bad_request` for what is none.
 */
export async function readForm(
  body: Uint8Array<ArrayBuffer>,
  contentType: string | undefined,
): Promise<FormData> {
  try {
    const headers = { "content-type": contentType ?? "application/x-www-form-urlencoded" };
    return await new Response(body, { headers }).formData();
  } catch (cause) {
    throw new RequestError("bad_request", {
      detail: "The body is no form.",
      remedy: "Send it from the page of the engine.",
      cause,
    });
  }
}

/** A text; browsers write each line break as CR LF. Throws `bad_input` where there is none. */
export function textOf(form: FormData, field: string): string {
  const value = form.get(field);
  if (typeof value === "string") return value.replaceAll("\r\n", "\n");
  throw new RequestError("bad_input", {
    detail: `The form has no field "${field}".`,
    remedy: `Send a form with the field "${field}".`,
  });
}

/** The text of the file where one was chosen, else of the field. Throws `bad_input` for what is no text. */
export async function inputOf(form: FormData): Promise<string> {
  const file = form.get("file");
  if (!(file instanceof File) || file.size === 0) return textOf(form, "input");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch (cause) {
    throw new RequestError("bad_input", {
      detail: `${file.name} is no text in UTF-8.`,
      remedy: "Choose a text file, or save it as UTF-8.",
      cause,
    });
  }
}

/** What was said before, which the page carries along; what is not a message is left out. */
export function historyOf(form: FormData): readonly Message[] {
  const { messages } = parseObject(String(form.get("history") ?? ""));
  if (!Array.isArray(messages)) return [];
  return messages.filter(isMessage).map(({ role, content }) => ({ role, content }));
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "role" in value && "content" in value &&
    (value.role === "user" || value.role === "assistant") && typeof value.content === "string";
}
