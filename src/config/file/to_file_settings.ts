import { basename, dirname, resolve } from "@std/path";
import type { FileOrigins } from "../loaded_config.ts";
import type { EngineRequest, FileSettings, RequestedEngine } from "../read_settings.ts";
import {
  ACCESS_DEFAULTS,
  BUDGET_DEFAULTS,
  CLIENT_LIMIT_DEFAULTS,
  ENGINE_DEFAULTS,
  type EngineSettings,
  LOG_DEFAULTS,
  type ModelSettings,
  RELOAD_DEFAULTS,
  type RemoteServer,
  type RemoteSettings,
  ROUTING_DEFAULTS,
  SWAP_DEFAULTS,
} from "../settings.ts";
import { merge } from "./merge.ts";
import type { FileEngine } from "./engine_schema.ts";
import type { FileContent } from "./settings_schema.ts";

/** Any part of a `T`; lists are whole. */
export type Part<T> = T extends readonly unknown[] ? T
  : T extends object ? { readonly [Name in keyof T]?: Part<T[Name]> }
  : T;

/** What a file sets. */
export type PartialContent = Part<FileContent>;
export type PartialEngine = Part<FileEngine>;

export interface ToSettingsOptions {
  /** Of the file; absolute. */
  readonly path: string;
  readonly origins: FileOrigins;
}

/** What is missing in a group is filled in from the defaults. */
export function toFileSettings(content: PartialContent, options: ToSettingsOptions): FileSettings {
  const { listen, tls, control, engines, logs, access, routing, budget, swap, defaults } = content;
  const [first, ...more] = Object.entries(engines ?? {}).map(([name, engine]) =>
    toRequestedEngine(name, merge(defaults ?? {}, engine ?? {}) as PartialEngine, options)
  );
  return {
    ...(listen === undefined ? {} : { listen }),
    ...(tls?.cert === undefined || tls.key === undefined
      ? {}
      : { tls: { cert: tls.cert, key: tls.key } }),
    ...(control === undefined ? {} : { control }),
    ...(first === undefined ? {} : { engines: [first, ...more] }),
    logs: merge(LOG_DEFAULTS, logs ?? {}),
    access: merge(ACCESS_DEFAULTS, access ?? {}),
    limits: merge(CLIENT_LIMIT_DEFAULTS, content.limits ?? {}),
    routing: merge(ROUTING_DEFAULTS, routing ?? {}),
    budget: merge(BUDGET_DEFAULTS, budget ?? {}),
    swap: merge(SWAP_DEFAULTS, swap ?? {}),
    reload: merge(RELOAD_DEFAULTS, content.reload ?? {}),
  };
}

function toRequestedEngine(
  name: string,
  engine: PartialEngine,
  options: ToSettingsOptions,
): RequestedEngine {
  const { pythonDir = null, kind: _kind, command: _command, ...rest } = engine;
  return {
    name,
    program: toProgram(name, engine, options),
    pythonDir,
    settings: fillGroups(rest),
  };
}

/** Only what is set, but each group whole. */
function fillGroups(
  engine: Omit<PartialEngine, "pythonDir" | "kind" | "command">,
): RequestedEngine["settings"] {
  const defaults: Partial<EngineSettings> = ENGINE_DEFAULTS;
  const filled = Object.entries(engine).map(([name, value]) => {
    const base = defaults[name as keyof EngineSettings];
    return [name, base === null || base === undefined ? value : merge(base, value)];
  });
  const models = engine.models?.map(toModel);
  const remote = toRemote(engine.remote ?? null);
  return {
    ...Object.fromEntries(filled),
    ...(models === undefined ? {} : { models }),
    ...(remote === null ? {} : { remote }),
  };
}

/** With what is not said; `null` when no server is. */
function toRemote(remote: Part<RemoteSettings> | null): RemoteSettings | null {
  const { servers, headers, ca = null } = remote ?? {};
  if (servers === undefined) return null;
  const [first, ...more] = servers;
  return {
    servers: [toServer(first), ...more.map(toServer)],
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]]
      ),
    ),
    ca,
  };
}

function toServer({ url, weight = 1 }: Partial<RemoteServer>): RemoteServer {
  return { url: url ?? "", weight };
}

/** A model with what it does not say. */
export function toModel(model: Partial<ModelSettings>): ModelSettings {
  return { name: "", aliases: [], upstreamModel: null, ...model };
}

function toProgram(
  name: string,
  { kind, command, remote }: PartialEngine,
  { path, origins }: ToSettingsOptions,
): EngineRequest {
  const setting = `engines.${name}.${command === undefined ? "kind" : "command"}`;
  const line = origins[setting]?.line;
  const where = line === undefined ? setting : `${setting} (${basename(path)}, line ${line})`;
  const [server] = remote?.servers ?? [];
  if (server !== undefined) return { kind: "remote", url: server.url };
  if (command === undefined) {
    return kind === "python" ? { kind, setting: where } : { kind: "builtin" };
  }
  const [program, ...args] = command;
  const isPath = program.includes("/");
  return {
    kind: "command",
    command: [isPath ? resolve(dirname(path), program) : program, ...args],
    setting: where,
  };
}
