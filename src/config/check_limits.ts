/** What no engine's settings may say, whatever machine they are for. */
import { isAbsolute } from "@std/path";
import { ConfigError } from "../core/mod.ts";
import { transportOf } from "./placeholders.ts";
import { quote } from "./quote.ts";
import type { EngineSettings } from "./settings.ts";

/** Every engine's own; no setting changes them. */
const OURS: readonly string[] = ["AI_ENGINE_SOCKET", "AI_ENGINE_PORT", "AI_ENGINE_RUN"];

/** Checks environment, folder, user, replicas and limits of an engine. Throws `ConfigError` naming the setting. */
export function checkLimits(engine: EngineSettings): void {
  const { cwd, nice, user, group, socket, memory: { maxBytes }, replicas: { min, max } } = engine;
  const refuse = (setting: string, why: string, remedy: string) =>
    new ConfigError("config_invalid", {
      detail: `${setting} of the engine ${engine.name} ${why}.`,
      remedy,
    });
  checkEnvironment(engine, refuse);
  if (cwd !== null && !isAbsolute(cwd)) {
    throw refuse("cwd", `is ${quote(cwd)}, which is not an absolute path`, "Begin it with /.");
  }
  if (nice !== null && !(Number.isInteger(nice) && nice >= -20 && nice <= 19)) {
    throw refuse("nice", `is ${nice}`, "Take a whole number from -20 (first) to 19 (last).");
  }
  if (maxBytes !== null && !(Number.isSafeInteger(maxBytes) && maxBytes > 0)) {
    throw refuse("memory.max", `is ${maxBytes}`, "Take a whole number of bytes, more than 0.");
  }
  for (const [setting, name] of [["user", user], ["group", group]] as const) {
    if (name !== null && !/^[^\s:,\0-][^\s:,\0]*$/.test(name)) {
      throw refuse(setting, `is ${quote(name)}, which is not a name`, "Take a name or a number.");
    }
  }
  if (max !== null && max < min) {
    throw refuse("replicas.max", `is ${max}, less than replicas.min`, `Give at least ${min}.`);
  }
  if (engine.port !== null && transportOf(engine) !== "tcp") {
    throw refuse("port", "is set, but not transport: tcp", "Leave one of port and socket out.");
  }
  if (engine.port !== null && (max ?? min) > 1) {
    throw refuse(
      "port",
      "is set, and so are replicas",
      "Leave it out: each gets a port of its own.",
    );
  }
  if (user !== null && socket !== null) {
    throw refuse(
      "socket",
      `is set, and so is user: its socket lies in a folder of ${user}'s then`,
      "Leave one of the two out.",
    );
  }
}

function checkEnvironment(
  { environment: { inherit, set } }: EngineSettings,
  refuse: (setting: string, why: string, remedy: string) => ConfigError,
): void {
  const named = [
    ...(inherit === "all" ? [] : inherit.map((name) => ["environment.inherit", name] as const)),
    ...Object.keys(set).map((name) => ["environment.set", name] as const),
  ];
  for (const [setting, name] of named) {
    if (name === "" || /[=\0]/.test(name)) {
      throw refuse(setting, `names ${quote(name)}`, "A variable's name is not empty and has no =.");
    }
  }
  for (const [name, value] of Object.entries(set)) {
    if (OURS.includes(name)) {
      throw refuse("environment.set", `has ${name}, which is the supervisor's`, "Leave it out.");
    }
    if (value.includes("\0")) {
      throw refuse("environment.set", `gives ${name} a NUL`, "Take the NUL out of it.");
    }
  }
}
