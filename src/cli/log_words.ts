/** Where a line was said, by an engine or by the supervisor, as `logs --stream` takes it. */
export const LOG_STREAMS = ["stdout", "stderr", "program"] as const;

/** The least that a line is to matter, as `logs --level` takes it. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
