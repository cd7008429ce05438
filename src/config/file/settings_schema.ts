/**
 * Every setting of the file. The order is that of the documents.
 *
 * @module
 */
import { type EngineKind, isEngineName } from "../../core/mod.ts";
import { refuse } from "../parsed.ts";
import {
  type AccessSettings,
  type BudgetSettings,
  type ClientLimits,
  type EngineLimits,
  type EngineLogSettings,
  type EngineSettings,
  type EngineTransport,
  type EnvironmentSettings,
  LOG_LEVELS,
  type LogSettings,
  type MemorySettings,
  type ModelSettings,
  type QueueSettings,
  type ReadySettings,
  type ReplicaSettings,
  type RotationSettings,
  type RoutingSettings,
  type Settings,
  type SizeSettings,
  type SwapSettings,
} from "../settings.ts";
import { type Field, group, list, map } from "./schema.ts";
import { splitWords } from "./split_words.ts";
import {
  duration,
  healthPath,
  idleTimeout,
  integer,
  linePattern,
  listenAddress,
  logTarget,
  oneOf,
  path,
  size,
  socketPath,
  text,
  yesNo,
} from "./values.ts";

/** An engine as the file has it; its name is the key it stands under. */
export interface FileEngine extends Omit<EngineSettings, "name"> {
  readonly pythonDir: string;
}

/** What holds for all engines that don't set it themselves. */
export type FileDefaults = Omit<
  FileEngine,
  "kind" | "command" | "stopCommand" | "pythonDir" | "transport" | "port" | "socket" | "models"
>;

/** The whole file, macros aside. */
export interface FileContent extends Omit<Settings, "engines"> {
  readonly defaults: FileDefaults;
  readonly engines: Readonly<Record<string, FileEngine>>;
}

const MOST = Number.MAX_SAFE_INTEGER;

/** The only word for no limits of what is inherited. */
const ALL = "all";

const ENVIRONMENT = group<EnvironmentSettings>("an engine's environment", {
  inherit: {
    key: "inherit",
    summary: "What it gets of the supervisor's own environment: all, or these variables",
    schema: list(text("a variable's name"), { expects: "all, or names of variables", word: ALL }),
  },
  set: {
    key: "set",
    summary: "Variables added to it, or instead of what is there",
    schema: map(text("a text", { isFilledAtStart: true }), {
      name: "NAME",
      check: (name) =>
        /^[^=\0]+$/.test(name)
          ? null
          : refuse("which no variable can be called", "Take letters, digits and _", "HF_HOME"),
    }),
    fallback: "none",
    alsoCalled: ["env", "variables"],
  },
});

const READY = group<ReadySettings>("how it is known that an engine can serve", {
  by: {
    key: "by",
    summary: "health: its health path answers 200. accept: it takes a connection",
    schema: oneOf("health", "accept"),
  },
  line: {
    key: "line",
    summary: "It has printed a line with this text in it (/…/ is a regular expression) and takes " +
      "connections; nothing else is asked then",
    schema: linePattern,
    fallback: "nothing: what it prints says nothing",
    alsoCalled: ["log", "output", "pattern"],
  },
}, { short: "by" });

const MODEL = group<ModelSettings>("a model", {
  name: {
    key: "name",
    summary: "What clients call it, in any case; * stands for any characters",
    schema: text("a name"),
    isNeeded: true,
    alsoCalled: ["id"],
  },
  aliases: {
    key: "aliases",
    summary: "What else they may call it",
    schema: list(text("a name"), { expects: "names" }),
    fallback: "none",
    alsoCalled: ["alias"],
  },
  upstreamModel: {
    key: "upstreamModel",
    summary: "What the engine itself calls it; put into the body instead",
    schema: text("a name"),
    fallback: "what the client said",
    alsoCalled: ["useModelName"],
  },
}, { short: "name" });

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
    fallback: "5m for a command, 10s for ours",
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
        summary: "Requests that may wait at once; more are refused with 429",
        schema: integer({ min: 0, max: 1_000_000, example: 1_024 }),
        alsoCalled: ["size", "concurrencyLimit"],
      },
      timeoutMs: {
        key: "timeout",
        summary: "How long one of them waits; then it is refused with 504",
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
    summary: "Whether a process that ends unasked is followed by another: while somebody waits, " +
      "or always",
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

const ENGINE = group<FileEngine>("an engine", {
  kind: {
    key: "kind",
    summary: "Ours, built in or in Python, or any program: `command`",
    schema: oneOf<EngineKind>("builtin", "python", "command"),
    fallback: "command, where there is one",
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
  pythonDir: {
    key: "pythonDir",
    summary: "For `python` and for `.py` files: the folder of the Python engine, with its .venv",
    schema: path("a folder"),
    fallback: "engine/python when run from source",
  },
  models: {
    key: "models",
    summary: "What it serves under `/v1`",
    schema: list(MODEL, { expects: "names of models" }),
    fallback: "one, called as the engine is",
    alsoCalled: ["model", "aliases"],
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
    summary: "The port of 127.0.0.1 it listens on; also what `${PORT}` becomes",
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
  ...SHARED,
});

const ENGINE_LOGS = group<EngineLogSettings>("what is kept of engines' output", {
  maxLineBytes: {
    key: "maxLine",
    summary: "Kept of one line",
    schema: size({ min: 64, max: 1_048_576, example: "4KiB" }),
  },
  linesPerS: {
    key: "linesPerSecond",
    summary: "Kept in a second; more are read, counted and let go",
    schema: integer({ min: 1, max: MOST, example: 10_000 }),
  },
  bytesPerS: {
    key: "bytesPerSecond",
    summary: "Kept in a second; more are read, counted and let go",
    schema: size({ min: 1_024, example: "4MiB" }),
  },
  ringLines: {
    key: "memoryLines",
    summary: "Lines kept in memory",
    schema: integer({ min: 1, max: 1_000_000, example: 1_000 }),
  },
  ringChars: {
    key: "memoryCharacters",
    summary: "Characters of them",
    schema: integer({ min: 1_024, max: 1_073_741_824, example: 1_048_576 }),
  },
});

const ROTATION = group<RotationSettings>("log files", {
  fileBytes: {
    key: "size",
    summary: "Of one file; then another is begun",
    schema: size({ min: 4_096, example: "10MiB" }),
  },
  archives: {
    key: "files",
    summary: "Files kept beside the newest",
    schema: integer({ min: 0, max: 1_000, example: 5 }),
  },
  totalBytes: {
    key: "total",
    summary: "Of all of them together",
    schema: size({ min: 4_096, example: "50MiB" }),
  },
});

const LOGS = group<LogSettings>("logs", {
  level: {
    key: "level",
    summary: "The least that the supervisor tells of itself",
    schema: oneOf(...LOG_LEVELS),
    alsoCalled: ["logLevel"],
  },
  rooms: {
    key: "rooms",
    summary: "What holds instead for some rooms (folders of src)",
    schema: map(oneOf(...LOG_LEVELS), { name: "ROOM", check: () => null }),
    fallback: "none",
  },
  target: {
    key: "file",
    summary: "Where its own log goes as JSON lines (ECS); - is stderr, instead of the text",
    schema: logTarget,
    fallback: "text on stderr only",
  },
  dir: {
    key: "dir",
    summary: "Folder of what engines print, each NAME.log",
    schema: path("a folder"),
    fallback: "`ai-engine/logs` in the state directory (XDG)",
  },
  engine: { key: "engine", summary: "What is kept of what engines print", schema: ENGINE_LOGS },
  rotation: { key: "rotation", summary: "When log files give way", schema: ROTATION },
});

const ACCESS = group<AccessSettings>("access", {
  tokenFile: {
    key: "tokenFile",
    summary: "Ask everybody for a token of this file (mode 0600): lines of `admin TOKEN` or " +
      "`inference TOKEN`; what listens on more than loopback needs it",
    schema: path("a file"),
    fallback: "no token is asked for",
    alsoCalled: ["apiKeys", "tokens", "token"],
  },
});

const ROUTING = group<RoutingSettings>("routing", {
  defaultModel: {
    key: "defaultModel",
    summary: "The model of requests under `/v1` that name none",
    schema: text("a model"),
    fallback: "with one engine that one serves them, else they are refused",
  },
  bodyBytes: {
    key: "limits.routingBody",
    summary: "Held of a body while its `model` is looked for; more is refused with 413",
    schema: size({ min: 1_024, max: 1_073_741_824, example: "32MiB" }),
  },
});

const BUDGET = group<BudgetSettings>("the budget", {
  memoryBytes: {
    key: "memory",
    summary: "Memory of all of them together",
    schema: size({ min: 1, example: "48GiB" }),
    fallback: "no limit",
  },
  vramBytes: {
    key: "vram",
    summary: "Memory of the graphics card of all of them together",
    schema: size({ min: 1, example: "24GiB" }),
    fallback: "no limit",
  },
});

const SWAP = group<SwapSettings>("swap", {
  maxWaitMs: {
    key: "maxWait",
    summary: "When another has waited so long for an engine's room, that one gets no new request " +
      "until it has made place",
    schema: duration({ min: 0, example: "30s" }),
  },
  minStayMs: {
    key: "minStay",
    summary: "An engine that is ready stays at least so long",
    schema: duration({ min: 0, example: "5s" }),
  },
});

const LIMITS = group<ClientLimits>("limits", {
  headMs: {
    key: "limits.head",
    summary: "From the first byte of a client's head to its end",
    schema: duration({ min: 1, example: "10s" }),
  },
  idleMs: {
    key: "limits.idle",
    summary: "For a client's next request; then its connection is closed",
    schema: duration({ min: 1, example: "75s" }),
    alsoCalled: ["keepAlive", "keepalive"],
  },
  bodyIdleMs: {
    key: "limits.bodyIdle",
    summary: "Between two pieces of a client's body",
    schema: duration({ min: 1, example: "1m" }),
  },
  writeStallMs: {
    key: "limits.write",
    summary: "For a client that takes nothing of its answer; then it is cut",
    schema: duration({ min: 1, example: "2m" }),
  },
});

/** The whole file. */
export const FILE_SCHEMA = group<FileContent>("a configuration", {
  listen: {
    key: "listen",
    summary: "Where the pages and the API are served: an address, port 0 takes a free one, or a " +
      "Unix socket; one or a list",
    schema: list(listenAddress, { expects: "HOST:PORT or unix:PATH, one or a list" }),
    alsoCalled: ["address", "bind", "port", "host"],
  },
  control: {
    key: "control",
    summary: "The control socket of the supervisor",
    schema: socketPath,
    fallback: "control.sock in the runtime directory",
  },
  access: { key: "access", summary: "Who may ask for what", schema: ACCESS },
  limits: { key: "", summary: "The longest waits for clients", schema: LIMITS },
  routing: { key: "", summary: "How requests find their engine", schema: ROUTING },
  budget: { key: "budget", summary: "What engines may have at once", schema: BUDGET },
  swap: { key: "swap", summary: "How engines take turns where not all fit", schema: SWAP },
  logs: { key: "logs", summary: "What is told, and where", schema: LOGS, alsoCalled: ["log"] },
  defaults: {
    key: "defaults",
    summary: "What holds for every engine that does not set it itself",
    schema: group<FileDefaults>("engines in general", SHARED),
    alsoCalled: ["<<"],
  },
  engines: {
    key: "engines",
    summary: "Every engine by its name",
    schema: map(ENGINE, { name: "NAME", check: checkEngineName, isNeeded: true }),
    fallback: "the one that flags and environment name, else the best there is",
    alsoCalled: ["models", "services", "engine"],
  },
});

function checkEngineName(name: string) {
  if (isEngineName(name)) return null;
  const fix = "Take lower-case letters, digits and . _ - behind the first, at most 63";
  return refuse("which can't be an engine's name", fix, "my-engine");
}
