/** The door of `config`: the settings, and how they come about. */
export * from "./check_limits.ts";
export * from "./choose_engine.ts";
export * from "./config_fault.ts";
export { configExplainer, configFile } from "./config_file.ts";
export type { SettingRow, ValueSource } from "./file/mod.ts";
export type { HostFacts } from "./find_program.ts";
export type { SettingSources } from "./given.ts";
export * from "./model_faults.ts";
export type { ModelEngine, ServedModel } from "./model_names.ts";
export * from "./model_table.ts";
export * from "./diff.ts";
export * from "./loaded_config.ts";
export { formatListen } from "./parse_listen.ts";
export { quote } from "./quote.ts";
export * from "./read_settings.ts";
export * from "./setting_flags.ts";
export * from "./settings.ts";
export * from "./socket_path.ts";
