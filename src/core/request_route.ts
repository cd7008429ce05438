import type { RequestWay } from "./request_view.ts";

/** Paths under `/v1` that have a name of their own among the routes: there are only so many. */
const MODEL_ROUTES: ReadonlySet<string> = new Set([
  "/v1/audio/speech",
  "/v1/audio/transcriptions",
  "/v1/audio/translations",
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/embeddings",
  "/v1/images/edits",
  "/v1/images/generations",
  "/v1/messages",
  "/v1/moderations",
  "/v1/rerank",
  "/v1/responses",
]);

const ROUTES: Readonly<Record<Exclude<RequestWay, "model">, string>> = {
  upstream: "/upstream/{engine}/",
  input: "/api/engines/{engine}/input",
  call: "/api/engines/{engine}/call/{function}",
};

/** Which of a few routes a request took, whatever its client wrote: `/v1/chat/completions`, `/v1/` for others. */
export function routeOf(
  { way, target }: { readonly way: RequestWay; readonly target: string },
): string {
  if (way !== "model") return ROUTES[way];
  if (MODEL_ROUTES.has(target)) return target;
  const path = pathOf(target);
  return MODEL_ROUTES.has(path) ? path : "/v1/";
}

/** `target` without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}
