/** Where a line was said, as `logs --stream` takes it. */
export const LOG_STREAMS = ["stdout", "stderr"] as const;

/** The least that a line is to matter, as `logs --level` takes it. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
