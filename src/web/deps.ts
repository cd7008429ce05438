/** What the web room is given, and what comes with every request. */
import type { Listener, Tokens } from "../access/mod.ts";
import type { ModelTable } from "../config/mod.ts";
import type { BoundView, Clock, ProcessFigures, Random, RequestRecord } from "../core/mod.ts";
import type { ConfigView, ReloadReport } from "../config/mod.ts";
import type { EventBus } from "../events/mod.ts";
import type { EngineCounts, LogReader, RequestBook, RequestCounts } from "../observe/mod.ts";
import type { SupervisorApi } from "../supervisor/mod.ts";

export interface WebDeps {
  readonly supervisor: SupervisorApi;
  readonly events: EventBus;
  readonly clock: Clock;
  readonly random: Random;
  /** What `/v1` serves. */
  readonly models: Pick<ModelTable, "models" | "find">;
  /** Where GGUF files are offered from; `null` = there can't be such a folder. */
  readonly modelsDir: string | null;
  /** What goes to engines, and went. */
  readonly requests: RequestBook;
  /** The bounds of the other rooms as they stand. */
  readonly bounds: () => readonly BoundView[];
  /** What `/metrics` tells besides. */
  readonly figures: {
    /** What happened to engines. */
    readonly counts: EngineCounts;
    /** What became of requests. */
    readonly requests: RequestCounts;
    /** What the machine says of us. */
    readonly process: () => ProcessFigures;
  };
  /** Looks for so many milliseconds what this program spends its time on; gives a `.cpuprofile`. */
  readonly profile: (durationMs: number, signal: AbortSignal) => Promise<string>;
  /** The newest lines of engines, and of what is said of them. */
  readonly logs: LogReader;
  /** The configuration in force, secrets masked. */
  readonly config: () => Promise<ConfigView>;
  /** Reads the configuration file again and goes by it. Rejects with `ConfigError`: nothing has changed. */
  readonly reload: () => Promise<ReloadReport>;
  /** Which open the pages; `null` = they are open. */
  readonly tokens: Tokens | null;
  /** Where a browser can open the program, e.g. `http://127.0.0.1:7411`; filled when it listens. */
  readonly urls: readonly string[];
  /** The program's version, e.g. `0.1.0`. */
  readonly version: string;
  /** Begins the close of the program and returns at once; answers in flight may still go out. */
  readonly close: (force: boolean) => void;
}

export interface WebContext {
  /** Where the request came in. */
  readonly listener: Listener;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** What is told of the request, should it be for an engine; and what it is called. */
  readonly record: RequestRecord;
  /** Ends the client's connection unless the answer is out. @default nothing ends it */
  readonly cut?: () => void;
}

/** The type argument of Hono: our context is its `env`. */
export interface WebEnv {
  readonly Bindings: WebContext;
}
