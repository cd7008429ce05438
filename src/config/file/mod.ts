/** What `configFile()` loads: reading a file, and telling what its settings are. */
export { loadConfig, missingConfig } from "./load_config.ts";
