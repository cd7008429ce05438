/** What can be set of one engine, with its defaults. */
import type { EngineKind } from "../core/mod.ts";

/** Settings of one engine. */
export interface EngineSettings {
  readonly name: string;
  readonly kind: EngineKind;
  /** Program and arguments, in which `${SOCKET}`, `${PORT}` and `${TOKEN}` are filled in at each start. */
  readonly command: readonly [string, ...string[]];
  /**
   * Ends what the command has started where its process does not do that, as of a container: run at a
   * stop, before any signal is sent. `null` = `POST /stop` or SIGTERM does. @default null
   */
  readonly stopCommand: readonly [string, ...string[]] | null;
  /**
   * The GGUF file that our Python engine serves, absolute; `null` = the model it comes with. It has a
   * process of its own. @default null
   */
  readonly model: string | null;
  /** Where a `remote` engine is; of others `null`. @default null */
  readonly remote: RemoteSettings | null;
  readonly environment: EnvironmentSettings;
  /** Folder it runs in, absolute; `null` = where this program was started. */
  readonly cwd: string | null;
  /** CPU niceness, from -20 (first; only root) to 19 (last); `null` = this program's own. */
  readonly nice: number | null;
  /**
   * User it runs as, by name or number; only root can. Its socket then lies in a folder of that user's.
   * `null` = the user of this program.
   */
  readonly user: string | null;
  /** Group it runs as, by name or number; only root can. `null` = the user's own. */
  readonly group: string | null;
  readonly memory: MemorySettings;
  /** How it is reached; `null` = as its command says, see {@linkcode transportOf}. @default null */
  readonly transport: EngineTransport | null;
  /** Where the engine listens; `null` = a socket in the runtime directory. */
  readonly socket: string | null;
  /** Port of 127.0.0.1 where it listens; `null` = a free one at each start. @default null */
  readonly port: number | null;
  /** What it serves under `/v1`. @default one model, called as the engine is */
  readonly models: readonly ModelSettings[];
  /** What is asked to know that the engine can serve. @default "/health" */
  readonly healthPath: string;
  /** By what it is known that it can serve. @default a 200 on `healthPath` */
  readonly ready: ReadySettings;
  /** From spawn to ready. @default 10_000 for ours, 600_000 with a GGUF, 300_000 for a command */
  readonly startTimeoutMs: number;
  /** Quiet time after which the engine is stopped; 0 = as soon as idle, -1 = never. @default 300_000 */
  readonly idleTimeoutMs: number;
  /** Between the steps of a stop: asked, SIGTERM, SIGKILL. @default 500 for ours, 10_000 for a command */
  readonly graceMs: number;
  /** Requests that one instance works on at once; `null` = as many as come. @default null */
  readonly slots: number | null;
  /** Who waits for a slot, or while the engine starts, stops or recovers. */
  readonly queue: QueueSettings;
  /** Of its requests beside those that wait, too; higher goes first. @default 0 */
  readonly priority: number;
  /** How many instances there are. @default one */
  readonly replicas: ReplicaSettings;
  /** What one instance takes of the budget. */
  readonly size: SizeSettings;
  /** Whether it stays when others need its room. @default false */
  readonly pin: boolean;
  /** What it has alone: no two engines that name the same run at once. @default null */
  readonly exclusive: string | null;
  /** How long requests in flight may go on after a stop by a user. @default 5_000 */
  readonly drainMs: number;
  /**
   * How long requests and jobs may go on in a process whose place another has taken, after a reload.
   * @default 600_000
   */
  readonly reloadDrainMs: number;
  /**
   * Whether it runs when it is used, or always: it is started with the program where there is room, the
   * higher `priority` first, never stopped for being idle, and a process that ends unasked is followed
   * by another though nobody waits. When others need its room only `pin` holds it. @default "when_used"
   */
  readonly keep: "when_used" | "always";
  /** What becomes of a process that is alive and does not answer. @default "restart" for our own */
  readonly liveness: "off" | "restart";
  readonly limits: EngineLimits;
  /**
   * Its code: absolute paths in which `*`, `**` and the like may stand. When one of these files changes
   * another process takes the place of the one that runs. @default none
   */
  readonly watch: readonly string[];
  /** Counts the changes of its code; no file sets it. @default 0 */
  readonly revision: number;
}

/** The longest waits for an engine, in milliseconds (contract section 6). */
export interface EngineLimits {
  /** For a connection, in all. @default 1_000 */
  readonly connectMs: number;
  /** From the end of a request to that of its answer's head. @default 600_000 */
  readonly headMs: number;
  /** Between two pieces of an answer. @default 600_000 */
  readonly bodyIdleMs: number;
  /** For the whole of an input. @default 600_000 */
  readonly inputMs: number;
}

/** An engine that runs elsewhere, on one server or on several that do the same. */
export interface RemoteSettings {
  readonly servers: readonly [RemoteServer, ...RemoteServer[]];
  /** Sent with every request, in place of the client's own; credentials are some of them. @default none */
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates (PEM) that are trusted besides the system's; an absolute path. @default null */
  readonly ca: string | null;
}

export interface RemoteServer {
  /** `http` or `https`, with a path or without, no slash at its end. */
  readonly url: string;
  /** How much of the requests it gets beside the others. @default 1 */
  readonly weight: number;
}

/** `unix`: a Unix socket. `tcp`: a port of 127.0.0.1. `pipe`: a path, by way of `node:net`. */
export type EngineTransport = "unix" | "tcp" | "pipe";

export interface ReadySettings {
  /** `health`: the health path answers 200. `accept`: a connection is taken. @default "health" */
  readonly by: "health" | "accept";
  /**
   * It has printed a line with this in it (`/…/` is a regular expression) and takes connections; then
   * nothing else is asked. `null` = what it prints says nothing. @default null
   */
  readonly line: string | null;
}

/** A model that an engine serves. */
export interface ModelSettings {
  /** What clients call it, in any case; `*` stands for any characters, or none. */
  readonly name: string;
  /** What else they may call it, with or without `*`. @default none */
  readonly aliases: readonly string[];
  /** What the engine itself calls it, put into the body instead; `null` = what the client said. */
  readonly upstreamModel: string | null;
}

export interface QueueSettings {
  /** Requests, inputs and start calls that may wait at once; more are refused. @default 1_024 */
  readonly max: number;
  /** How long one of them waits, without the start it waits for: that has its own limit. @default 600_000 */
  readonly timeoutMs: number;
}

/** Each has a process and a socket of its own. */
export interface ReplicaSettings {
  /** While the engine runs; an idle stop ends all of them. At least 1. @default 1 */
  readonly min: number;
  /** When requests wait; `null` = never more than `min`. @default null */
  readonly max: number | null;
}

export interface SizeSettings {
  /** `null` = what it was seen to have at most; nothing before it has run. @default null */
  readonly memoryBytes: number | null;
  /** @default 0 */
  readonly vramBytes: number;
}

/** What an engine finds in its environment, besides AI_ENGINE_SOCKET or AI_ENGINE_PORT, and AI_ENGINE_RUN. */
export interface EnvironmentSettings {
  /**
   * What it gets of this program's own: all, or the variables with these names. Our secrets
   * ({@linkcode SECRET_VARIABLES}) it never gets. @default "all"
   */
  readonly inherit: "all" | readonly string[];
  /** Added to it, or instead of what is there. */
  readonly set: Readonly<Record<string, string>>;
}

export interface MemorySettings {
  /** What an engine with all its processes may have, in bytes; more ends it. `null` = no limit. */
  readonly maxBytes: number | null;
}

/** The defaults an engine starts from; name, kind and command have none. */
export const ENGINE_DEFAULTS = {
  environment: { inherit: "all", set: {} },
  cwd: null,
  nice: null,
  user: null,
  group: null,
  memory: { maxBytes: null },
  stopCommand: null,
  model: null,
  remote: null,
  transport: null,
  socket: null,
  port: null,
  models: [],
  healthPath: "/health",
  ready: { by: "health", line: null },
  startTimeoutMs: 10_000,
  idleTimeoutMs: 300_000,
  graceMs: 500,
  slots: null,
  queue: { max: 1_024, timeoutMs: 600_000 },
  priority: 0,
  replicas: { min: 1, max: null },
  size: { memoryBytes: null, vramBytes: 0 },
  pin: false,
  exclusive: null,
  drainMs: 5_000,
  reloadDrainMs: 600_000,
  keep: "when_used",
  liveness: "off",
  limits: { connectMs: 1_000, headMs: 600_000, bodyIdleMs: 600_000, inputMs: 600_000 },
  watch: [],
  revision: 0,
} as const satisfies Omit<EngineSettings, "name" | "kind" | "command">;

/** What else holds for a command: any program, of which nothing is known. */
export const COMMAND_DEFAULTS = {
  startTimeoutMs: 300_000,
  graceMs: 10_000,
  liveness: "off",
} as const satisfies Partial<EngineSettings>;

/** What else holds for our own engines. */
export const OWN_DEFAULTS = { liveness: "restart" } as const satisfies Partial<EngineSettings>;

/** What else holds for our engine with a GGUF file, which may be large and on a slow disk. */
export const GGUF_DEFAULTS = { startTimeoutMs: 600_000 } as const satisfies Partial<EngineSettings>;

/** What else holds for engines elsewhere: nothing of them is started or stopped, and the way is longer. */
export const REMOTE_DEFAULTS = {
  idleTimeoutMs: -1,
  pin: true,
  limits: { ...ENGINE_DEFAULTS.limits, connectMs: 10_000 },
} as const satisfies Partial<EngineSettings>;
