/**
 * The settings a person can give, as one table: parsing, help and docs/cli.md read it.
 *
 * @module
 */
import { formatListen } from "./parse_listen.ts";
import { DEFAULT_LISTEN, ENGINE_DEFAULTS, LOG_DEFAULTS, LOG_LEVELS } from "./settings.ts";

/** A setting: `--flag VALUE`, or `variable` in the environment. */
export interface SettingFlag {
  /** Its name in the environment. */
  readonly variable: string;
  /** Stands for the value in the help, e.g. `HOST:PORT`. */
  readonly value: string;
  /** One sentence without a full stop. */
  readonly summary: string;
  /** What holds when it is not given, in words. */
  readonly fallback: string;
}

/** Which file sets what flags and environment don't. */
export const CONFIG_FLAG: SettingFlag & { readonly name: string } = {
  name: "config",
  variable: "AI_ENGINE_CONFIG",
  value: "PATH",
  summary: "The configuration file, in YAML",
  fallback: "ai-engine/config.yaml in $XDG_CONFIG_HOME or ~/.config, if it is there",
};

export const SETTING_FLAGS = {
  listen: {
    variable: "AI_ENGINE_LISTEN",
    value: "HOST:PORT|unix:PATH",
    summary: "Where the pages and the API are served: an address, port 0 takes a free one, " +
      "or a Unix socket; may be given several times",
    fallback: formatListen(DEFAULT_LISTEN),
  },
  engine: {
    variable: "AI_ENGINE_ENGINE",
    value: "builtin|python|PATH",
    summary: "Which engine to run; PATH is any program that serves HTTP on a Unix socket",
    fallback: "the sidecar, else Python, else builtin",
  },
  model: {
    variable: "AI_ENGINE_MODEL",
    value: "PATH",
    summary:
      "A GGUF file that a Python engine of its own serves, beside the other engines; may be " +
      "given several times, in the environment with commas between",
    fallback: "the files in the models folder (docs/engines.md)",
  },
  "python-dir": {
    variable: "AI_ENGINE_PYTHON_DIR",
    value: "DIR",
    summary: "The folder of the Python engine, with its .venv if it has one",
    fallback: "engine/python when run from source",
  },
  "health-path": {
    variable: "AI_ENGINE_HEALTH_PATH",
    value: "PATH",
    summary: "What is asked to know that the engine can serve",
    fallback: ENGINE_DEFAULTS.healthPath,
  },
  "start-timeout": {
    variable: "AI_ENGINE_START_TIMEOUT",
    value: "DURATION",
    summary: "How long a start may take",
    fallback: "10s for ours, 10m with a GGUF, 5m for a PATH",
  },
  grace: {
    variable: "AI_ENGINE_GRACE",
    value: "DURATION",
    summary: "Between the steps of a stop: asked, SIGTERM, SIGKILL",
    fallback: "500ms for ours, 10s for a PATH",
  },
  "idle-timeout": {
    variable: "AI_ENGINE_IDLE_TIMEOUT",
    value: "DURATION",
    summary: "Quiet time after which the engine is stopped; 0 = as soon as idle, -1 = never",
    fallback: `${ENGINE_DEFAULTS.idleTimeoutMs / 60_000}m`,
  },
  "engine-socket": {
    variable: "AI_ENGINE_SERVE_SOCKET",
    value: "PATH",
    summary: "The Unix socket the engine listens on",
    fallback: "in the runtime directory",
  },
  control: {
    variable: "AI_ENGINE_CONTROL",
    value: "PATH",
    summary: "The control socket of the supervisor",
    fallback: "control.sock in the runtime directory",
  },
  "token-file": {
    variable: "AI_ENGINE_TOKEN_FILE",
    value: "PATH",
    summary: "Ask everybody for a token of this file (mode 0600): lines of `admin TOKEN` or " +
      "`inference TOKEN`; what listens on more than loopback needs it",
    fallback: "no token is asked for",
  },
  "log-level": {
    variable: "AI_ENGINE_LOG_LEVEL",
    value: LOG_LEVELS.join("|"),
    summary: "The least that the supervisor tells of itself",
    fallback: LOG_DEFAULTS.level,
  },
  "log-file": {
    variable: "AI_ENGINE_LOG_FILE",
    value: "PATH|-",
    summary: "Write the supervisor's own log there as JSON lines (ECS); " +
      "- is stderr, instead of the text",
    fallback: "text on stderr only",
  },
} as const satisfies Readonly<Record<string, SettingFlag>>;

/** The flags without their dashes. */
export type SettingName = keyof typeof SETTING_FLAGS;

export const SETTING_NAMES = Object.keys(SETTING_FLAGS) as readonly SettingName[];
