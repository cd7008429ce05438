/** JSON answers, the good ones and the errors; errors have OpenAI's shape. */

const CODES: Readonly<Record<number, string>> = {
  400: "bad_request",
  404: "not_found",
  405: "method_not_allowed",
  413: "too_large",
  422: "bad_input",
  500: "internal",
  503: "shutting_down",
};

/** Makes an answer of `value`. A lone surrogate in it is escaped, not lost. */
export function jsonAnswer(value: unknown, init: ResponseInit = {}): Response {
  return Response.json(value, init);
}

/** Makes the answer that says what was wrong. `status` is one of the table above. */
export function errorAnswer(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const error = {
    message,
    type: status >= 500 ? "server_error" : "invalid_request_error",
    param: null,
    code: CODES[status] ?? "bad_request",
  };
  return jsonAnswer({ error }, { status, headers });
}
