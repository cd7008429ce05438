/**
 * What the program says of itself: as text for people, and as JSON lines with the field names of the
 * Elastic Common Schema (ECS) for programs.
 *
 * @module
 */
import type { LogLevel, LogLevels } from "../../config/mod.ts";
import type { Clock } from "../../core/mod.ts";
import type { LogEntry } from "./log_line.ts";
import { toJsonLine, toPlainLine } from "./plain_text.ts";

/** The higher, the worse. */
export const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** One thing that is said. */
export interface LogRecord {
  readonly level: LogLevel;
  /** The room that says it. */
  readonly room: string;
  /** One line. */
  readonly message: string;
  /** What happened, in one word, e.g. `state`. */
  readonly action?: string;
  /** Why, in one word, e.g. `idle`. */
  readonly reason?: string;
  /** How long it took. */
  readonly tookMs?: number;
  /** What it is about, e.g. the engine. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The request that it is about. */
  readonly request?: LoggedRequest;
}

/** A request by the names under which it is found again. */
export interface LoggedRequest {
  readonly id: string;
  readonly traceId: string;
  readonly method?: string;
  readonly path?: string;
  /** Of the answer; `null` = it had none. */
  readonly status?: number | null;
}

export interface ProgramLogOptions {
  readonly clock: Clock;
  readonly levels: LogLevels;
  readonly pid: number;
  readonly version: string;
  /** Takes each record as a line of text; must not wait. @default no text */
  readonly text?: (line: string) => void;
  /** Takes each record as a line of JSON; must not wait. @default no JSON */
  readonly json?: (line: string) => void;
  /** Takes each record as it is; must not wait. @default nobody does */
  readonly keep?: (record: LogRecord) => void;
}

export class ProgramLog {
  readonly #options: ProgramLogOptions;
  /** What is told. */
  levels: LogLevels;

  constructor(options: ProgramLogOptions) {
    this.#options = options;
    this.levels = options.levels;
  }

  /** Whether what `room` says at `level` is told: what is not need not be made. */
  hears(room: string, level: LogLevel): boolean {
    return RANKS[level] >= RANKS[this.levels.rooms[room] ?? this.levels.level];
  }

  /** Tells `record` if its room is to be heard at its level. Never waits. */
  write(record: LogRecord): void {
    const { text, json, keep } = this.#options;
    if (!this.hears(record.room, record.level)) return;
    text?.(toPlainLine(record.message));
    json?.(this.toJson(record));
    keep?.(record);
  }

  /** `record` as a line of JSON, whoever is to have it. */
  toJson(record: LogRecord): string {
    return toJsonLine({ ...this.#head(record.level, "ai-engine"), ...fields(record) });
  }

  /** A line that an engine printed, whatever the level, as JSON only. */
  relay(engine: string, line: string): void {
    const { json } = this.#options;
    json?.(toJsonLine({
      ...this.#head("info", engine),
      message: line,
      "event.dataset": "engine.output",
      labels: { engine },
    }));
  }

  #head(level: LogLevel, service: string) {
    const { clock, pid, version } = this.#options;
    return {
      "@timestamp": new Date(clock.wall()).toISOString(),
      "log.level": level,
      "ecs.version": "8.11",
      "service.name": service,
      ...(service === "ai-engine" ? { "service.version": version, "process.pid": pid } : {}),
    };
  }
}

/** `record` as it stands among what engines print. */
export function toLogEntry({ level, message, action, request }: LogRecord): LogEntry {
  return {
    stream: "program",
    text: toPlainLine(message),
    styled: null,
    level,
    ...(request === undefined ? {} : { traceId: request.traceId }),
    ...(request === undefined || action !== "request" ? {} : { requestId: request.id }),
  };
}

function fields({ room, message, action, reason, tookMs, labels, request }: LogRecord) {
  return {
    message,
    "log.logger": room,
    "event.dataset": "ai-engine.log",
    ...(action === undefined ? {} : { "event.action": action }),
    ...(reason === undefined ? {} : { "event.reason": reason }),
    // ECS counts nanoseconds.
    ...(tookMs === undefined ? {} : { "event.duration": Math.round(tookMs * 1e6) }),
    ...(labels === undefined ? {} : { labels }),
    ...(request === undefined ? {} : {
      "trace.id": request.traceId,
      "http.request.id": request.id,
      "http.request.method": request.method,
      "url.path": request.path,
      "http.response.status_code": request.status ?? undefined,
    }),
  };
}
