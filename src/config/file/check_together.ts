/** What can be seen only when all settings are there: what does not go together. */
import { ConfigError } from "../../core/mod.ts";
import { checkLimits } from "../check_limits.ts";
import type { FileOrigins } from "../loaded_config.ts";
import { modelsOfFile } from "../gguf.ts";
import { findModelFaults } from "../model_faults.ts";
import { formatListen } from "../parse_listen.ts";
import { ENGINE_DEFAULTS } from "../settings.ts";
import { merge } from "./merge.ts";
import type { FaultList, Place } from "./node.ts";
import { type PartialContent, type PartialEngine, toModel } from "./to_file_settings.ts";

interface CheckOptions {
  readonly origins: FileOrigins;
  readonly faults: FaultList;
}

export function checkTogether(content: PartialContent, options: CheckOptions): void {
  for (const [name, engine] of Object.entries(content.engines ?? {})) {
    if (engine !== undefined) checkEngine(name, engine, options);
  }
  checkSockets(content, options);
  checkModels(content, options);
}

function checkEngine(name: string, engine: PartialEngine, { origins, faults }: CheckOptions): void {
  const setting = `engines.${name}`;
  const add = (key: string, detail: string, fix: string) =>
    faults.add(placeOf(origins, key === "" ? setting : `${setting}.${key}`), {
      setting,
      detail: `${setting} ${detail}.`,
      fix,
    });
  const { kind, command } = engine;
  // What could not be read was told of already.
  const hasCommand = origins[`${setting}.command`] !== undefined;
  const hasUrl = origins[`${setting}.url`] !== undefined;
  const isTold = faults.all.some((fault) => fault.setting === setting);
  if (isTold) return;
  if (hasUrl || kind === "remote" || engine.remote !== undefined) {
    if (!hasUrl) add("", "has no url", "Add url: where the engine runs.");
    else if (kind !== undefined && kind !== "remote") {
      add("url", `has a url, and kind: ${kind}`, "Leave one of the two out.");
    } else if (hasCommand) {
      add("url", "has a url, and a command", "Leave one of the two out.");
    } else if (engine.replicas !== undefined) {
      add("replicas", "has a url, and replicas", "Name each of the servers in url.");
    }
  } else if (!hasCommand && origins[`${setting}.kind`] === undefined) {
    add("", "has neither a command nor a kind", "Add command, url, kind: builtin or kind: python.");
  } else if (!hasCommand && kind === "command") {
    add("kind", "has kind: command and no command", "Add command: the program and its arguments.");
  } else if (command !== undefined && kind !== undefined && kind !== "command") {
    add("command", `has a command, and kind: ${kind}`, "Leave one of the two out.");
  }
  const isWhole = kind !== undefined || hasCommand || hasUrl;
  if (engine.model !== undefined && kind !== "python" && isWhole) {
    const whose = hasUrl ? "a url" : hasCommand ? "a command" : `kind: ${kind}`;
    add("model", `has a model, and ${whose}`, "Take kind: python for it, or leave model out.");
  }
  try {
    checkLimits({
      ...merge(ENGINE_DEFAULTS, engine),
      models: [],
      remote: null,
      name,
      kind: kind ?? "command",
      command: command ?? [""],
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.add(placeOf(origins, setting), { setting, detail: error.message, fix: error.remedy });
  }
}

/** Two that listen on one path: the second would find the first in its way. */
function checkSockets(content: PartialContent, { origins, faults }: CheckOptions): void {
  const wanted: { readonly path: string; readonly setting: string }[] = [];
  if (content.control !== undefined && content.control !== null) {
    wanted.push({ path: content.control, setting: "control" });
  }
  for (const [i, address] of (content.listen ?? []).entries()) {
    const isFree = address.kind === "tcp" && address.port === 0;
    const path = address.kind === "unix" ? address.path : formatListen(address);
    const setting = origins[`listen[${i}]`] === undefined ? "listen" : `listen[${i}]`;
    if (!isFree) wanted.push({ path, setting });
  }
  for (const [name, engine] of Object.entries(content.engines ?? {})) {
    const path = engine?.socket;
    if (path !== undefined && path !== null) {
      wanted.push({ path, setting: `engines.${name}.socket` });
    }
  }
  const settings = new Map<string, string>();
  for (const { path, setting } of wanted) {
    const other = settings.get(path);
    if (other === undefined) settings.set(path, setting);
    else {
      faults.add(placeOf(origins, setting), {
        setting,
        detail: `${setting} is ${path}, and so is ${other} in line ${origins[other]?.line ?? 1}.`,
        fix: "Give each a place of its own.",
      });
    }
  }
}

function checkModels(
  { engines, routing }: PartialContent,
  { origins, faults }: CheckOptions,
): void {
  const all = Object.entries(engines ?? {}).map(([name, engine]) => {
    const models = (engine?.models ?? []).map(toModel);
    const file = engine?.model ?? null;
    return { name, models: file === null ? models : modelsOfFile(file, models) };
  });
  if (all.length === 0) return;
  for (const { at, detail, remedy } of findModelFaults(all, routing?.defaultModel ?? null)) {
    const model = at === null ? "defaultModel" : `engines.${at.engine}.models[${at.model}]`;
    const names = at?.alias === null || at === null
      ? [`${model}.name`, model, `engines.${at?.engine}.models`, `engines.${at?.engine}`]
      : [`${model}.aliases[${at.alias}]`, `${model}.aliases`];
    const setting = [...names, model].find((one) => origins[one] !== undefined) ?? model;
    faults.add(placeOf(origins, setting), { setting, detail, fix: remedy });
  }
}

function placeOf(origins: FileOrigins, setting: string): Place {
  return origins[setting] ?? { line: 1, column: 1 };
}
