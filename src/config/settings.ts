/**
 * Everything that can be set, with its defaults. Filled from flags and the environment today, from a
 * file later; no other room knows where a value came from.
 *
 * @module
 */
import type { EngineKind } from "../core/mod.ts";

/** Settings of one engine. */
export interface EngineSettings {
  readonly name: string;
  readonly kind: EngineKind;
  /** Program and arguments; `${SOCKET}` in an argument becomes the socket's path. */
  readonly command: readonly [string, ...string[]];
  /** Added to the environment the engine inherits. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the engine listens; `null` = a socket in the runtime directory. */
  readonly socket: string | null;
  /** What is asked to know that the engine can serve. @default "/health" */
  readonly healthPath: string;
  /** From spawn to ready. @default 10_000 */
  readonly startTimeoutMs: number;
  /** Quiet time after which the engine is stopped; 0 = as soon as idle, -1 = never. @default 300_000 */
  readonly idleTimeoutMs: number;
  /** Between the steps of a stop: asked, SIGTERM, SIGKILL. @default 500 */
  readonly graceMs: number;
  /** How long requests in flight may go on after a stop by a user. @default 5_000 */
  readonly drainMs: number;
  /**
   * Whether a process that ends unasked is followed by another: while somebody waits, or always.
   * @default "when_used"
   */
  readonly keep: "when_used" | "always";
}

/** Settings of the program. */
export interface Settings {
  /** Where the UI and the API are served, no two the same. @default 127.0.0.1:7411 */
  readonly listen: ListenAddresses;
  /** The control socket; `null` = `control.sock` in the runtime directory. */
  readonly control: string | null;
  readonly engines: readonly [EngineSettings, ...EngineSettings[]];
}

/** An address to listen on; `port` 0 takes any free one, `path` is absolute. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

export type ListenAddresses = readonly [ListenAddress, ...ListenAddress[]];

export const DEFAULT_LISTEN: ListenAddress = { kind: "tcp", hostname: "127.0.0.1", port: 7411 };

/** The defaults an engine starts from; name, kind and command have none. */
export const ENGINE_DEFAULTS = {
  environment: {},
  socket: null,
  healthPath: "/health",
  startTimeoutMs: 10_000,
  idleTimeoutMs: 300_000,
  graceMs: 500,
  drainMs: 5_000,
  keep: "when_used",
} as const satisfies Omit<EngineSettings, "name" | "kind" | "command">;
