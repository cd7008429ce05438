/**
 * The flags of `serve`, and those that every command takes: all that `serve` itself reads of the
 * table of commands.
 *
 * @module
 */
import { CONFIG_FLAG, SETTING_FLAGS, SETTING_NAMES, type SettingName } from "../config/mod.ts";
import type { CommandFlag } from "./command.ts";

/** Flags that every command takes, wherever they stand. */
export const GLOBAL_FLAGS: readonly CommandFlag[] = [
  { name: "json", summary: "One JSON document on stdout; an error is one on stderr" },
  {
    name: "color",
    value: "auto|always|never",
    summary: "Whether to colour; auto = on a terminal",
    fallback: "auto",
  },
  CONFIG_FLAG,
  settingFlag("control"),
  { name: "help", short: "h", summary: "Show help" },
  { name: "version", short: "V", summary: "Show the version" },
];

export const SERVE_FLAGS = SETTING_NAMES.filter((name) => name !== "control").map(settingFlag);

function settingFlag(name: SettingName): CommandFlag {
  const { summary, value, variable, fallback } = SETTING_FLAGS[name];
  return { name, summary, value, variable, fallback };
}
