import type { Clock } from "../core/mod.ts";
import { httpDate } from "../http1/mod.ts";
import type { FrontOptions } from "./front_options.ts";

type Answering = Pick<FrontOptions, "ours" | "renderError">;

/** The same, with every answer saying when it was made (RFC 9110 section 6.6.1). */
export function dated<Options extends Answering>(options: Options, clock: Clock): Options {
  const { ours, renderError } = options;
  return {
    ...options,
    ours: async (request, context) => withDate(await ours(request, context), clock),
    renderError: async (error, ask) => withDate(await renderError(error, ask), clock),
  };
}

function withDate(response: Response, clock: Clock): Response {
  const date = httpDate(clock.wall());
  try {
    response.headers.set("Date", date);
    return response;
  } catch {
    // Some are made so that they can't be changed, `Response.redirect()` for one.
    const { body, status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers: [...headers, ["Date", date]] });
  }
}
