/** What a configuration changes while the program runs. Pure. */
import { compareEngines } from "./diff.ts";
import type { EngineSettings, Settings } from "./settings.ts";

/** The engines by their names, in the order of the configuration. */
export interface EngineChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** They go on by other rules, in the same processes. */
  readonly changed: readonly string[];
  /** Another process takes the place of the one that runs. */
  readonly replaced: readonly string[];
  readonly unchanged: readonly string[];
}

export function compareAllEngines(
  before: readonly EngineSettings[],
  after: readonly EngineSettings[],
): EngineChanges {
  const old = new Map(before.map((engine) => [engine.name, engine]));
  const changeOf = (engine: EngineSettings) => {
    const one = old.get(engine.name);
    return one === undefined ? "added" : compareEngines(one, engine);
  };
  const changes = after.map((engine) => ({ name: engine.name, change: changeOf(engine) }));
  const namesOf = (wanted: (typeof changes)[number]["change"]) =>
    changes.filter(({ change }) => change === wanted).map(({ name }) => name);
  const names = new Set(after.map(({ name }) => name));
  return {
    added: namesOf("added"),
    removed: before.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    changed: namesOf("settings"),
    replaced: namesOf("process"),
    unchanged: namesOf("none"),
  };
}

/** What is in force once `after` is applied where `before` was: the rest waits for the next start. */
export function settingsInForce(before: Settings, after: Settings): Settings {
  const { engines, budget, swap, reload, logs, routing, access, tls } = after;
  const keepsTokens = before.access.tokenFile !== null && access.tokenFile !== null;
  return {
    ...before,
    // New connections get another certificate; to begin or end with TLS takes other listeners.
    ...(before.tls === null || tls === null ? {} : { tls }),
    engines,
    budget,
    swap,
    reload,
    logs: { ...before.logs, level: logs.level, rooms: logs.rooms },
    routing: { ...before.routing, defaultModel: routing.defaultModel },
    access: { ...before.access, ...(keepsTokens ? { tokenFile: access.tokenFile } : {}) },
  };
}
