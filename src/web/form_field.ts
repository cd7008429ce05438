import { RequestError } from "../core/mod.ts";

/**
 * A field of a form as browsers send it; they write each line break as CR LF.
 *
 * @throws {RequestError} `bad_input` when the form has no such field.
 */
export function formField(body: Uint8Array, field: string): string {
  const value = new URLSearchParams(new TextDecoder().decode(body)).get(field);
  if (value !== null) return value.replaceAll("\r\n", "\n");
  throw new RequestError("bad_input", {
    detail: `The form has no field "${field}".`,
    remedy: `Send a form with the field "${field}".`,
  });
}
