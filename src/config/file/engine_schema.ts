/** The settings of an engine. */
import type { EngineKind } from "../../core/mod.ts";
import type {
  EngineLimits,
  EngineSettings,
  EngineTransport,
  MemorySettings,
  QueueSettings,
  ReplicaSettings,
  SizeSettings,
} from "../settings.ts";
import { type Field, group, list } from "./schema.ts";
import { splitWords } from "./split_words.ts";
import {
  duration,
  healthPath,
  idleTimeout,
  integer,
  oneOf,
  path,
  size,
  socketPath,
  text,
  yesNo,
} from "./values.ts";
import { ENVIRONMENT, MODEL, READY } from "./engine_parts.ts";
import { REMOTE } from "./remote_schema.ts";

/** An engine as the file has it; its name is the key it stands under. */
export interface FileEngine extends Omit<EngineSettings, "name" | "revision"> {
  readonly pythonDir: string;
}

/** What holds for all engines that don't set it themselves. */
export type FileDefaults = Omit<
  FileEngine,
  | "kind"
  | "command"
  | "stopCommand"
  | "remote"
  | "model"
  | "pythonDir"
  | "transport"
  | "port"
  | "socket"
  | "models"
  | "watch"
>;

const YES_NO = yesNo();

const SHARED = {
  environment: {
    key: "environment",
    summary: "What it finds in its environment",
    schema: ENVIRONMENT,
    alsoCalled: ["env"],
  },
  cwd: {
    key: "cwd",
    summary: "Folder it runs in; relative arguments begin there",
    schema: path("a folder"),
    fallback: "where the supervisor was started",
    alsoCalled: ["workingDirectory", "dir"],
  },
  nice: {
    key: "nice",
    summary: "CPU niceness, from -20 (first; only root) to 19 (last)",
    schema: integer({ min: -20, max: 19, example: 10 }),
    fallback: "the supervisor's own",
  },
  user: {
    key: "user",
    summary: "User it runs as, by name or number; only root can",
    schema: text("a user"),
    fallback: "the supervisor's own",
  },
  group: {
    key: "group",
    summary: "Group it runs as, by name or number; only root can",
    schema: text("a group"),
    fallback: "the user's own",
  },
  memory: {
    key: "memory",
    summary: "What it may have of the memory",
    schema: group<MemorySettings>("an engine's memory", {
      maxBytes: {
        key: "max",
        summary: "With all its processes; more ends it",
        schema: size({ min: 1, example: "16GiB" }),
        fallback: "no limit",
        alsoCalled: ["limit"],
      },
    }),
    alsoCalled: ["memoryMax", "mem_limit"],
  },
  healthPath: {
    key: "healthPath",
    summary: "What is asked to know that it can serve",
    schema: healthPath,
    alsoCalled: ["checkEndpoint", "healthcheck", "health"],
  },
  ready: {
    key: "ready",
    summary: "By what it is known that it can serve, all within startTimeout",
    schema: READY,
    alsoCalled: ["readiness", "readinessProbe", "probe"],
  },
  startTimeoutMs: {
    key: "startTimeout",
    summary: "How long a start may take",
    schema: duration({ min: 1, example: "5m" }),
    fallback: "5m for a command, 10s for ours, 10m with a model",
    alsoCalled: ["healthCheckTimeout", "timeoutStartSec", "start_period"],
  },
  idleTimeoutMs: {
    key: "idleTimeout",
    summary: "Quiet time after which it is stopped; 0 = as soon as idle, -1 = never",
    schema: idleTimeout,
    alsoCalled: ["ttl", "keepAlive", "keep_alive"],
  },
  graceMs: {
    key: "grace",
    summary: "Between the steps of a stop: asked, SIGTERM, SIGKILL",
    schema: duration({ min: 0, example: "10s" }),
    fallback: "10s for a command, 500ms for ours",
    alsoCalled: ["stop_grace_period", "timeoutStopSec", "unloadTimeout"],
  },
  drainMs: {
    key: "drain.stop",
    summary: "How long requests in flight may go on after a stop by a user",
    schema: duration({ min: 0, example: "5s" }),
  },
  reloadDrainMs: {
    key: "drain.timeout",
    summary: "How long requests and jobs may go on in a process whose place another has taken",
    schema: duration({ min: 0, example: "10m" }),
  },
  queue: {
    key: "queue",
    summary: "Who waits for a slot, or while it starts, stops or recovers",
    schema: group<QueueSettings>("an engine's queue", {
      max: {
        key: "max",
        summary:
          "Requests that may wait at once; more are refused with 429. One always may for a start",
        schema: integer({ min: 0, max: 1_000_000, example: 1_024 }),
        alsoCalled: ["size", "concurrencyLimit"],
      },
      timeoutMs: {
        key: "timeout",
        summary:
          "How long one of them waits, without the start that it waits for; then it is refused " +
          "with 504",
        schema: duration({ min: 1, example: "10m" }),
      },
    }),
  },
  priority: {
    key: "priority",
    summary: "Of its requests where several wait: higher goes first",
    schema: integer({ min: -1_000, max: 1_000, example: 10 }),
  },
  slots: {
    key: "slots",
    summary: "Requests that one instance works on at once; more wait",
    schema: integer({ min: 1, max: 100_000, example: 4 }),
    fallback: "as many as come",
    alsoCalled: ["parallel", "maxConcurrency", "n_parallel"],
  },
  replicas: {
    key: "replicas",
    summary: "How many instances there are, each with a process and a socket of its own",
    schema: group<ReplicaSettings>("an engine's replicas", {
      min: {
        key: "min",
        summary: "While it runs; an idle stop ends all of them",
        schema: integer({ min: 1, max: 64, example: 1 }),
      },
      max: {
        key: "max",
        summary: "When requests wait",
        schema: integer({ min: 1, max: 64, example: 4 }),
        fallback: "as many as min",
      },
    }, { short: "min" }),
    alsoCalled: ["instances", "deploy"],
  },
  size: {
    key: "size",
    summary: "What one instance takes of the budget",
    schema: group<SizeSettings>("an engine's size", {
      memoryBytes: {
        key: "memory",
        summary: "Memory",
        schema: size({ min: 1, example: "8GiB" }),
        fallback: "the most it was seen to have",
      },
      vramBytes: {
        key: "vram",
        summary: "Memory of the graphics card",
        schema: size({ min: 0, example: "6GiB" }),
      },
    }),
  },
  pin: {
    key: "pin",
    summary: "Whether it stays when others need its room",
    schema: YES_NO,
    alsoCalled: ["persistent", "pinned"],
  },
  exclusive: {
    key: "exclusive",
    summary: "What it has alone: of engines that name the same only one runs at once",
    schema: text("a name, for example of a graphics card"),
    fallback: "nothing",
    alsoCalled: ["swapGroup"],
  },
  keep: {
    key: "keep",
    summary:
      "Whether it runs when_used, or always: it is started with the program where there is " +
      "room, never stopped for being idle, and a process that ends unasked is followed by another",
    schema: oneOf("when_used", "always"),
    alsoCalled: ["restart"],
  },
  liveness: {
    key: "liveness",
    summary: "What becomes of a process that is alive and does not answer",
    schema: oneOf("off", "restart"),
    fallback: "restart for ours, off for a command",
  },
  limits: {
    key: "limits",
    summary: "The longest waits for it",
    schema: group<EngineLimits>("an engine's limits", {
      connectMs: {
        key: "connect",
        summary: "For a connection, in all",
        schema: duration({ min: 1, example: "1s" }),
      },
      headMs: {
        key: "head",
        summary: "From the end of a request to that of its answer's head; then 504",
        schema: duration({ min: 1, example: "10m" }),
        alsoCalled: ["responseHeader", "timeout", "read"],
      },
      bodyIdleMs: {
        key: "bodyIdle",
        summary: "Between two pieces of an answer; then it is cut",
        schema: duration({ min: 1, example: "10m" }),
      },
      inputMs: {
        key: "input",
        summary: "For the whole of an input (`POST /api/engines/NAME/input`)",
        schema: duration({ min: 1, example: "10m" }),
      },
    }),
    alsoCalled: ["timeouts", "timeout"],
  },
} satisfies { readonly [Name in keyof FileDefaults]: Field<FileDefaults[Name]> };

export const ENGINE = group<FileEngine>("an engine", {
  kind: {
    key: "kind",
    summary: "Ours, built in or in Python; any program: `command`; or one that runs elsewhere: " +
      "`remote`",
    schema: oneOf<EngineKind>("builtin", "python", "command", "remote"),
    fallback: "command or remote, where there is a command or a url",
    alsoCalled: ["type", "engine"],
  },
  command: {
    key: "command",
    summary: "Program and arguments, as a list or as one line that no shell reads; it has to " +
      "listen on `${SOCKET}` or, with `${PORT}` instead, on that port of 127.0.0.1; `${MODEL}` is " +
      "what it calls its first model, `${TOKEN}` a secret of this start that it gets with every " +
      "request as `Authorization: Bearer`",
    schema: list(text("a text", { isFilledAtStart: true }), {
      expects: "a program and its arguments",
      split: splitWords,
    }),
    fallback: "none",
    alsoCalled: ["cmd", "exec", "run", "execStart", "entrypoint", "args"],
  },
  stopCommand: {
    key: "stopCommand",
    summary: "Run to stop what the command has started, where ending its process does not: " +
      "`docker stop NAME`. It has the time of grace; then come SIGTERM and SIGKILL",
    schema: list(text("a text", { isFilledAtStart: true }), {
      expects: "a program and its arguments",
      split: splitWords,
    }),
    fallback: "`POST /stop` where there is one, else SIGTERM",
    alsoCalled: ["cmdStop", "execStop", "stop"],
  },
  remote: { key: "", summary: "Where it runs", schema: REMOTE },
  pythonDir: {
    key: "pythonDir",
    summary: "For `python` and for `.py` files: the folder of the Python engine, with its .venv",
    schema: path("a folder"),
    fallback: "engine/python when run from source",
  },
  model: {
    key: "model",
    summary: "For `python`: the GGUF file it serves, under the file's name without `.gguf`",
    schema: path("a file"),
    fallback: "the model that the Python engine comes with",
    alsoCalled: ["gguf", "modelPath", "model_path"],
  },
  models: {
    key: "models",
    summary: "What it serves under `/v1`",
    schema: list(MODEL, { expects: "names of models" }),
    fallback: "one, called as the engine is",
    alsoCalled: ["aliases"],
  },
  transport: {
    key: "transport",
    summary: "How it is reached: by a Unix socket, by a port of 127.0.0.1, or by a path of " +
      "`node:net` (named pipes)",
    schema: oneOf<EngineTransport>("unix", "tcp", "pipe"),
    fallback: "tcp where `${PORT}` or port is said and neither `${SOCKET}` nor socket, else unix",
    alsoCalled: ["protocol"],
  },
  port: {
    key: "port",
    summary:
      "The port of 127.0.0.1 it listens on; also what `${PORT}` becomes. Engines with the same port take turns",
    schema: integer({ min: 1, max: 65_535, example: 8_080 }),
    fallback: "a free one at each start",
  },
  socket: {
    key: "socket",
    summary: "The Unix socket it listens on",
    schema: socketPath,
    fallback: "in the runtime directory",
    alsoCalled: ["proxy", "listen"],
  },
  watch: {
    key: "watch",
    summary:
      "Its code, in files or patterns: when one of them changes, another process takes the " +
      "place of the one that runs, as at a reload. Folders that begin with a dot, `node_modules` " +
      "and `__pycache__` are not looked into",
    schema: list(path("a file or a pattern"), { expects: "files or patterns (`engine/**/*.py`)" }),
    fallback: "nothing is watched",
    alsoCalled: ["reload", "watchFiles"],
  },
  ...SHARED,
});

/** What may hold for all engines. */
export const DEFAULTS = group<FileDefaults>("engines in general", SHARED);
