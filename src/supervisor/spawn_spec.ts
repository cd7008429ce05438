/** From the settings of an engine to what is to be run. */
import { dirname } from "@std/path";
import { type EngineSettings, SECRET_VARIABLES } from "../config/mod.ts";
import type { InheritedVariables, SpawnLimits, SpawnSpec } from "../core/mod.ts";

export function toSpawnSpec(
  settings: EngineSettings,
  { socket, runId }: { readonly socket: string; readonly runId: string },
): SpawnSpec {
  const [program, ...args] = settings.command.map((part) => part.replaceAll("${SOCKET}", socket));
  const limits = limitsOf(settings, socket);
  return {
    argv: [program ?? "", ...args],
    env: { ...settings.environment.set, AI_ENGINE_SOCKET: socket },
    inherits: inheritedBy(settings),
    ...(settings.cwd === null ? {} : { cwd: settings.cwd }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    runId,
  };
}

/** Whether engines with these settings need somebody who sets limits. */
export function hasLimits(settings: EngineSettings): boolean {
  return Object.keys(limitsOf(settings, "")).length > 0;
}

function inheritedBy({ environment: { inherit } }: EngineSettings): InheritedVariables {
  if (inherit === "all") return { allBut: SECRET_VARIABLES };
  return { only: inherit.filter((name) => !SECRET_VARIABLES.includes(name)) };
}

function limitsOf(
  { nice, user, group, memory: { maxBytes } }: EngineSettings,
  socket: string,
): SpawnLimits {
  return {
    ...(nice === null ? {} : { nice }),
    // No other user gets into our own directory.
    ...(user === null ? {} : { user, privateDir: dirname(socket) }),
    ...(group === null ? {} : { group }),
    ...(maxBytes === null ? {} : { memoryMaxBytes: maxBytes }),
  };
}
