import { RequestError } from "../core/mod.ts";
import type { ClientExchange } from "../gateway/mod.ts";

/** So much of a body is read before anybody asks, so that its end is seen and the client watched. */
const AHEAD_BYTES = 64 * 1024;

/**
 * The exchange's request in the form of the web platform. Throws `RequestError`: `bad_request` for a
 * host and target that make no URL, `method_not_allowed` for a method that a `Request` can't have.
 */
export function toOwnRequest(exchange: ClientExchange, signal: AbortSignal): Request {
  const { request, framing } = exchange;
  const { method } = request;
  const hasBody = framing.kind === "chunked" || (framing.kind === "length" && framing.bytes > 0);
  // Fetch knows no GET with a body; what came is thrown away with the end of the exchange.
  const takesBody = hasBody && method !== "GET" && method !== "HEAD";
  const url = toUrl(exchange);
  let own: Request | undefined;
  try {
    own = new Request(url, {
      method,
      headers: request.fields.pairs() as [string, string][],
      body: takesBody ? bodyStream(exchange) : null,
      signal,
    });
  } catch (error) {
    // All that the constructor can still refuse is the method: TRACE, TRACK.
    if (!(error instanceof TypeError)) throw error;
  }
  // Methods are told apart by case, which fetch mends for some.
  if (own?.method !== method) throw methodNotAllowed(method);
  return own;
}

function toUrl({ scheme, request: { host, target } }: ClientExchange): string {
  const url = `${scheme}://${host ?? "localhost"}${target === "*" ? "/*" : target}`;
  if (URL.canParse(url)) return url;
  throw new RequestError("bad_request", {
    detail: "The host and the target of the request do not make a URL.",
    remedy: "Send a Host header with one host and, if needed, a port, and a path.",
  });
}

function methodNotAllowed(method: string): RequestError {
  return new RequestError("method_not_allowed", {
    detail: `${method} is not a method of this program.`,
    remedy: "Use GET, HEAD or POST; methods are written in capitals.",
  });
}

/** Pulls the body as it is read; a client that waits for a 100 gets it with the first read. */
function bodyStream(exchange: ClientExchange): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const part = await exchange.nextBody();
      if (part.type === "end") controller.close();
      else controller.enqueue(part.bytes.slice());
    },
  }, {
    highWaterMark: exchange.expectsContinue ? 0 : AHEAD_BYTES,
    size: (piece) => piece.byteLength,
  });
}
