/** The settings of the program, all but where it listens and which engines it has. */
import {
  type AccessSettings,
  type BudgetSettings,
  type ClientLimits,
  type EngineLogSettings,
  LOG_LEVELS,
  type LogSettings,
  type ReloadSettings,
  type RotationSettings,
  type RoutingSettings,
  type SwapSettings,
  type TlsFiles,
} from "../settings.ts";
import { group, list, map } from "./schema.ts";
import {
  duration,
  hostName,
  integer,
  logTarget,
  oneOf,
  path,
  size,
  text,
  webOrigin,
  yesNo,
} from "./values.ts";

const MOST = Number.MAX_SAFE_INTEGER;

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

export const LOGS = group<LogSettings>("logs", {
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

export const TLS = group<TlsFiles>("TLS", {
  cert: {
    key: "cert",
    summary:
      "Speak TLS, and no plain HTTP, on all of them but Unix sockets, with this certificate " +
      "and those behind it that lead to one that clients know (PEM)",
    schema: path("a file"),
    fallback: "plain HTTP",
    isNeeded: true,
    alsoCalled: ["certificate", "certFile", "crt", "chain"],
  },
  key: {
    key: "key",
    summary: "Its private key (PEM, without a password)",
    schema: path("a file"),
    fallback: "plain HTTP",
    isNeeded: true,
    alsoCalled: ["keyFile", "privateKey"],
  },
});

export const ACCESS = group<AccessSettings>("access", {
  tokenFile: {
    key: "tokenFile",
    summary: "Ask everybody for a token of this file (mode 0600): lines of `admin TOKEN` or " +
      "`inference TOKEN`; what listens on more than loopback needs it",
    schema: path("a file"),
    fallback: "no token is asked for",
    alsoCalled: ["apiKeys", "tokens", "token"],
  },
  hosts: {
    key: "hosts",
    summary: "Names, besides our addresses, by which clients may ask for us (`Host`), as of a " +
      "proxy before us, which may speak TLS",
    schema: list(hostName, { expects: "names of hosts" }),
    fallback: "none",
    alsoCalled: ["allowedHosts", "host"],
  },
  origins: {
    key: "origins",
    summary: "Origins whose pages may use `/v1`, `/upstream` and `/api` (CORS); a token is asked " +
      "for as of everybody",
    schema: list(webOrigin, { expects: "origins" }),
    fallback: "none but our own pages",
    alsoCalled: ["cors", "allowedOrigins", "corsOrigins"],
  },
});

export const ROUTING = group<RoutingSettings>("routing", {
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

export const BUDGET = group<BudgetSettings>("the budget", {
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

export const SWAP = group<SwapSettings>("swap", {
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

export const RELOAD = group<ReloadSettings>("reloading", {
  watch: {
    key: "watch",
    summary: "Whether this file is read again whenever it changes, too; else only when asked by " +
      "`config reload`, `POST /api/config/reload` or SIGHUP",
    schema: yesNo(),
  },
});

export const LIMITS = group<ClientLimits>("limits", {
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
