/** Stops every engine that runs, after a question. */
import { toAiEngineError } from "../core/mod.ts";
import type { WebDeps } from "./deps.ts";
import { frameOf, pageResponse } from "./page_response.ts";
import { toProblem } from "./problem.ts";
import type { RequestContext } from "./routes.ts";
import { renderStopAllPage } from "./ui/pages/stop_all.tsx";
import type { Trouble } from "./ui/page_model.ts";
import { isRunning } from "./ui/words.js";

/** The question. */
export function askStopAll(deps: WebDeps): Response {
  return page(deps, []);
}

/** Stops them side by side; leads to the engines when all is well, else tells what is not. */
export async function stopAll(c: RequestContext, deps: WebDeps): Promise<Response> {
  const { signal } = c.env;
  const stops = runningOf(deps).map(({ name }) => deps.supervisor.stop(name, { signal }));
  const troubles = (await Promise.allSettled(stops)).flatMap((one) => {
    if (one.status === "fulfilled") return [];
    const { title, detail, remedy, lastLines = [] } = toProblem(toAiEngineError(one.reason), "");
    return [{ title, detail, remedy, lastLines }];
  });
  if (troubles.length > 0) return page(deps, troubles);
  return new Response(null, { status: 303, headers: { location: "/" } });
}

function page(deps: WebDeps, troubles: readonly Trouble[]): Response {
  const status = troubles.length > 0 ? 502 : 200;
  const views = runningOf(deps);
  return pageResponse(renderStopAllPage({ frame: frameOf(deps), views, troubles }), { status });
}

/** Those that are ours to stop. */
function runningOf({ supervisor }: WebDeps) {
  return supervisor.views().filter((view) => view.kind !== "remote" && isRunning(view));
}
