/** What `configFile()` loads: reading a file, and telling what its settings are. */
export { explainSettings, type SettingRow, type ValueSource } from "./explain.ts";
export { configJsonSchema } from "./json_schema.ts";
export { loadConfig, missingConfig, readControlOf } from "./load_config.ts";
export { type Imported, importLlamaSwap } from "./llama_swap/import_llama_swap.ts";
