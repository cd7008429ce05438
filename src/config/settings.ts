/**
 * Everything that can be set, with its defaults. Filled from flags, the environment and a file; no other
 * room knows where a value came from.
 *
 * @module
 */
import type { EngineSettings } from "./engine_settings.ts";

export * from "./engine_settings.ts";

/** Variables that lead to secrets of this program: no engine inherits them. */
export const SECRET_VARIABLES: readonly string[] = ["AI_ENGINE_TOKEN_FILE"];

/** Settings of the program. */
export interface Settings {
  /** Where the UI and the API are served, no two the same. @default 127.0.0.1:7411 */
  readonly listen: ListenAddresses;
  /** What TLS is spoken with on every TCP address of them; `null` = plain HTTP. @default null */
  readonly tls: TlsFiles | null;
  /** The control socket; `null` = `control.sock` in the runtime directory. */
  readonly control: string | null;
  readonly engines: readonly [EngineSettings, ...EngineSettings[]];
  readonly limits: ClientLimits;
  readonly logs: LogSettings;
  readonly access: AccessSettings;
  readonly routing: RoutingSettings;
  readonly budget: BudgetSettings;
  readonly swap: SwapSettings;
  readonly reload: ReloadSettings;
}

/** What all engines may have together; `null` = no limit. */
export interface BudgetSettings {
  /** @default null */
  readonly memoryBytes: number | null;
  /** @default null */
  readonly vramBytes: number | null;
}

/** How engines take turns where there is no room for all. */
export interface SwapSettings {
  /**
   * When another has waited so long for an engine's room, that one gets no new request until it has
   * made place. @default 30_000
   */
  readonly maxWaitMs: number;
  /** An engine that is ready stays at least so long. @default 5_000 */
  readonly minStayMs: number;
}

/** When the configuration file is read again. */
export interface ReloadSettings {
  /** Whenever it changes; else only when that is asked for. @default false */
  readonly watch: boolean;
}

/** How a request under `/v1` finds its engine. */
export interface RoutingSettings {
  /**
   * The model of requests that name none. @default none: with one engine that one serves them, else
   * they are refused
   */
  readonly defaultModel: string | null;
  /** Bytes of a body held while its `model` is looked for. @default 33_554_432 */
  readonly bodyBytes: number;
}

/** The longest waits for a client, in milliseconds (contract section 6). */
export interface ClientLimits {
  /** From the first byte of a head to its end. @default 10_000 */
  readonly headMs: number;
  /** Before the first byte of a request. @default 75_000 */
  readonly idleMs: number;
  /** Between two pieces of a body that somebody waits for. @default 60_000 */
  readonly bodyIdleMs: number;
  /** For a write of which no byte moves. @default 120_000 */
  readonly writeStallMs: number;
}

/** Who may ask for what. */
export interface AccessSettings {
  /** An absolute path; `null` = nobody needs a token, and only this machine is served. @default null */
  readonly tokenFile: string | null;
  /** Names, besides our addresses, by which we may be asked; in lower case. @default none */
  readonly hosts: readonly string[];
  /** Origins whose pages may use the engines and the API. @default none */
  readonly origins: readonly string[];
}

/** An address to listen on; `port` 0 takes any free one, `path` is absolute. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Absolute paths of two files (PEM). */
export interface TlsFiles {
  /** The certificate with those that lead to one that clients know. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

export type ListenAddresses = readonly [ListenAddress, ...ListenAddress[]];

/** From the most to the least that is told. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = typeof LOG_LEVELS[number];

/** Where the program's own log goes as JSON lines. */
export type LogTarget =
  | { readonly kind: "none" }
  /** Instead of the text there; what engines print is JSON lines then, too. */
  | { readonly kind: "stderr" }
  /** An absolute path; the text on stderr stays. */
  | { readonly kind: "file"; readonly path: string };

/** What the program tells of itself. */
export interface LogLevels {
  /** The least that is told. @default "info" */
  readonly level: LogLevel;
  /** What holds instead for some rooms (folders of src). @default none */
  readonly rooms: Readonly<Record<string, LogLevel>>;
}

/** What is kept of an engine's output. */
export interface EngineLogSettings {
  /** Bytes kept of one line; the rest is counted. @default 4_096 */
  readonly maxLineBytes: number;
  /** Lines and bytes kept in a second; what is over it is read, counted and let go. */
  readonly linesPerS: number;
  readonly bytesPerS: number;
  /** Bounds of what is kept in memory. */
  readonly ringLines: number;
  readonly ringChars: number;
}

/** Bounds of a log file and of what was that file before. */
export interface RotationSettings {
  /** Bytes of one file. @default 10_485_760 */
  readonly fileBytes: number;
  /** Files beside the newest. @default 5 */
  readonly archives: number;
  /** Bytes of all of them together. @default 52_428_800 */
  readonly totalBytes: number;
}

export interface LogSettings extends LogLevels {
  /** @default nowhere */
  readonly target: LogTarget;
  /**
   * Folder of the engines' files, each `NAME.log`; `null` = `ai-engine/logs` in the state directory
   * (XDG).
   */
  readonly dir: string | null;
  readonly engine: EngineLogSettings;
  readonly rotation: RotationSettings;
}

export const LOG_DEFAULTS = {
  level: "info",
  rooms: {},
  target: { kind: "none" },
  dir: null,
  engine: {
    maxLineBytes: 4_096,
    linesPerS: 10_000,
    bytesPerS: 4_194_304,
    ringLines: 1_000,
    ringChars: 1_048_576,
  },
  rotation: { fileBytes: 10_485_760, archives: 5, totalBytes: 52_428_800 },
} as const satisfies LogSettings;

export const CLIENT_LIMIT_DEFAULTS = {
  headMs: 10_000,
  idleMs: 75_000,
  bodyIdleMs: 60_000,
  writeStallMs: 120_000,
} as const satisfies ClientLimits;

export const ACCESS_DEFAULTS = {
  tokenFile: null,
  hosts: [],
  origins: [],
} as const satisfies AccessSettings;

export const ROUTING_DEFAULTS = {
  defaultModel: null,
  bodyBytes: 33_554_432,
} as const satisfies RoutingSettings;

export const DEFAULT_LISTEN: ListenAddress = { kind: "tcp", hostname: "127.0.0.1", port: 7411 };

export const BUDGET_DEFAULTS = {
  memoryBytes: null,
  vramBytes: null,
} as const satisfies BudgetSettings;

export const SWAP_DEFAULTS = {
  maxWaitMs: 30_000,
  minStayMs: 5_000,
} as const satisfies SwapSettings;

export const RELOAD_DEFAULTS = { watch: false } as const satisfies ReloadSettings;
