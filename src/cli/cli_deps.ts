/**
 * What the command line needs from outside. `app` joins it to the machine, tests to fakes.
 *
 * @module
 */
import type {
  ConfigPlace,
  LoadedConfig,
  Resolve,
  SettingSources,
  TlsFiles,
} from "../config/mod.ts";
import type { Clock } from "../core/mod.ts";
import type { ControlClient } from "./control_client.ts";
import type { DoctorDeps } from "./doctor_deps.ts";

/** Where text goes. */
export interface TextOutput {
  readonly isTerminal: boolean;
  /** Width of the terminal; not read where there is none. */
  readonly columns: number;
  /** Resolves to `false` when the reader is gone (a closed pipe). */
  write(text: string): Promise<boolean>;
}

/** Ctrl-C and its kin. */
export interface Interrupt {
  /** Aborts on the first signal. */
  readonly signal: AbortSignal;
  /** Which signal it was; `null` before. */
  readonly osSignal: "SIGINT" | "SIGTERM" | null;
}

/** What this program is. */
export interface ProgramVersion {
  /** Of ai-engine itself. */
  readonly version: string;
  /** Of the Deno it runs on. */
  readonly deno: string;
  readonly arch: string;
  readonly os: string;
}

/** What `serve` serves by, and where that came from. */
export interface ServeConfig extends LoadedConfig {
  readonly sources: SettingSources;
  /** Where the file is, or would be; `null` = there is no place for one. */
  readonly place: ConfigPlace | null;
}

export interface CliDeps {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly cwd: string;
  readonly version: ProgramVersion;
  readonly isRoot: boolean;
  readonly clock: Clock;
  /** Reads a file, but no more than its first `maxBytes`. */
  readFile(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Reads standard input to its end, but no more than its first `maxBytes`. */
  readStdin(maxBytes: number): Promise<Uint8Array>;
  /** Somebody may type there, so it is not to be read unasked. */
  readonly stdinIsTerminal: boolean;
  /** Shows a URL in the browser of whoever sits here; `false` = that can't be done. */
  openUrl(url: string): Promise<boolean>;
  /** Whether there is anything at `path`. */
  isThere(path: string): Promise<boolean>;
  /** The first bytes of a configuration file, to be read here; `null` = there is none. */
  readConfig(place: ConfigPlace): Promise<Uint8Array | null>;
  /** Has a configuration file read elsewhere; `null` = there is none where one is by default. */
  loadConfig(place: ConfigPlace, sources: SettingSources): Promise<LoadedConfig | null>;
  /** Looks for the programs of the engines. Throws `ConfigError`. */
  readonly resolve: Resolve;
  /** Looks whether TLS can be spoken with these files. Throws `TlsFileError`. */
  readonly openTls: (files: TlsFiles) => Promise<unknown>;
  /** What `doctor` looks with. */
  examine(): Promise<DoctorDeps>;
  /** A client of the supervisor on `control`; `null` = where it is by default. Sends nothing yet. */
  connect(control: string | null): Promise<ControlClient>;
  /** Begins to catch SIGINT and SIGTERM. Called once at most, and never for `serve`. */
  catchInterrupt(): Interrupt;
  /** Runs the supervisor until it is closed and gives the exit code; it sees to signals itself. */
  serve(config: ServeConfig): Promise<number>;
}
