/** Lines as they are kept in memory and shown, whoever said them. */
import type { LogLevel } from "../../config/mod.ts";

/** Where a line was said: by an engine, or by this program. */
export type LogStream = "stdout" | "stderr" | "program";

/** A line before it has its place. */
export interface LogEntry {
  readonly stream: LogStream;
  /** One line without any control characters. */
  readonly text: string;
  /** The same with its colour codes (SGR), and nothing else of the kind; `null` = it has none. */
  readonly styled: string | null;
  /** Of lines of this program. */
  readonly level?: LogLevel;
  /** Of the request that a line of this program is about. */
  readonly traceId?: string;
  /** Where it is about that alone. */
  readonly requestId?: string;
  /** Of a line that stands for others: how many. */
  readonly skipped?: number;
}

export interface LogLine extends LogEntry {
  /** Whose log it is in; `null` = the program's, and about no engine. */
  readonly engine: string | null;
  /** Counts the lines of that log from 1, without a hole. */
  readonly n: number;
  /** Counts the lines of all logs. */
  readonly seq: number;
  /** When it came: wall clock, milliseconds. */
  readonly at: number;
}
