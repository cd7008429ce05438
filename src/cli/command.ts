/**
 * What a command is, as the table of commands tells it.
 *
 * @module
 */

/** What can stand at a place, for completion: an engine's name, a file, or one of some words. */
export type Completes = "engine" | "file" | readonly string[];

/** A flag of a command. */
export interface CommandFlag {
  /** Without dashes. */
  readonly name: string;
  /** One letter, without dash. */
  readonly short?: string;
  /** Stands for the value in the help; a flag without it takes none. */
  readonly value?: string;
  /** One sentence without a full stop. */
  readonly summary: string;
  /** Its name in the environment, where it has one. */
  readonly variable?: string;
  /** What holds when it is not given, in words. */
  readonly fallback?: string;
  /** What its value can be. @default what `value` says: `PATH`, `DIR`, or words with bars between */
  readonly completes?: Completes;
}

export interface Example {
  readonly line: string;
  readonly says: string;
}

export interface Command {
  readonly name: CommandName;
  /** One sentence without a full stop, at most 60 characters. */
  readonly summary: string;
  readonly args: {
    /** As the help shows them; empty when there are none. */
    readonly usage: string;
    readonly min: number;
    readonly max: number;
    readonly completes?: Completes;
  };
  readonly flags: readonly CommandFlag[];
  /** What else there is to know: whole sentences. */
  readonly details: readonly string[];
  /** What `--json` gives, as one sentence; left out where the command gives no document. */
  readonly json?: string;
  readonly examples: readonly Example[];
}

export type CommandName =
  | "serve"
  | "shutdown"
  | "send"
  | "start"
  | "stop"
  | "restart"
  | "ps"
  | "status"
  | "logs"
  | "events"
  | "requests"
  | "metrics"
  | "config"
  | "doctor"
  | "ui"
  | "completions"
  | "man"
  | "help"
  | "version";

/** A command line that was understood. */
export interface Invocation {
  readonly args: readonly string[];
  /** By name, with all values it was given, in order: none for a flag that takes none. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
}
