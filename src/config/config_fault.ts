/**
 * What is wrong with a configuration file: all of it at once, each with its place and its fix.
 *
 * @module
 */
import { ConfigError } from "../core/mod.ts";

/** One thing that is wrong. */
export interface ConfigFault {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** The setting, e.g. `engines.llm.idleTimeout`; empty where it is none's. */
  readonly setting: string;
  /** What stands there and why that won't do: a sentence. */
  readonly detail: string;
  /** What would do, e.g. `a duration`; `null` where `detail` says it all. */
  readonly expected: string | null;
  /** What to do: a sentence. */
  readonly fix: string;
}

/** Nobody mends more at once. */
export const MOST_FAULTS = 50;

/** A configuration file that can't be used. */
export class ConfigFileError extends ConfigError {
  /** In the order of the file; one more than {@linkcode MOST_FAULTS} at most. */
  readonly faults: readonly ConfigFault[];

  constructor(readonly path: string, faults: readonly ConfigFault[]) {
    const { length } = faults;
    const count = length > MOST_FAULTS ? `more than ${MOST_FAULTS} errors` : `${length} errors`;
    super("config_invalid", {
      detail: `The configuration file ${path} has ${length === 1 ? "one error" : count}.`,
      remedy: `Mend it, and see with: ai-engine config check ${path}`,
    });
    this.faults = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}
