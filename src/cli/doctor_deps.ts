/** What `doctor` needs from outside besides: the machine, and how the program would use it. */
import type { Settings } from "../config/mod.ts";
import type { Examination } from "../core/mod.ts";

export interface DoctorDeps {
  readonly machine: Examination;
  /** Where the program with these settings has its files. */
  places(settings: Settings): Promise<DoctorPlaces>;
  /** How many clients are served at once with so many descriptors, and what is to be said of that. */
  connections(
    descriptors: number,
    options: { readonly speaksTls: boolean },
  ): { readonly connections: number; readonly lack: string | null };
  /** Reads a file of tokens. Throws `ConfigError`. */
  readTokens(path: string): Promise<unknown>;
}

export interface DoctorPlaces {
  readonly runtimeDir: string;
  readonly control: string;
  readonly logDir: string;
  /** `null` = there is no place for one. */
  readonly modelsDir: string | null;
  /** All that are made there, and what leads to each path. */
  readonly sockets: readonly {
    readonly path: string;
    readonly role: string;
    readonly setting: string;
  }[];
}
