import { readSettings } from "../config/mod.ts";
import type { CliDeps } from "./cli_deps.ts";
import type { Invocation } from "./command.ts";
import { configPlaceOf, sourcesOf } from "./given_settings.ts";

/** `serve`. Reads no file unless there is one, and then not in this process. */
export async function serve(invocation: Invocation, deps: CliDeps): Promise<number> {
  const sources = sourcesOf(invocation, deps);
  const place = configPlaceOf(invocation, deps);
  const isThere = place !== null && (place.setting !== null || await deps.isThere(place.path));
  const loaded = isThere ? await deps.loadConfig(place, sources) : null;
  return await deps.serve({
    ...(loaded ?? { requested: readSettings(sources), file: null }),
    sources,
    place,
  });
}
