/**
 * What `ai-engine doctor` asks of the machine, as types. Nothing of it changes anything that stays.
 *
 * @module
 */
import type { AiEngineError } from "./errors.ts";
import type { FileInfo } from "./ports.ts";

export interface Examination {
  /** Where the runtime directory is, or would be. */
  runtimeDir(): Promise<string>;
  folder(path: string): Promise<FolderState>;
  /** What is wrong with the folder of the socket at `path`, which `setting` names; `null` = nothing. */
  socketFolder(path: string, setting: string): Promise<AiEngineError | null>;
  socket(path: string): Promise<SocketState>;
  /** Who has the lock of the supervisor whose runtime directory is `dir`; `null` = nobody. */
  lockHolder(dir: string): Promise<{ readonly pid: number | null } | null>;
  port(address: { readonly hostname: string; readonly port: number }): Promise<PortState>;
  /** Where the process `pid` may make cgroups; `null` = this one. */
  cgroup(pid: number | null): CgroupState;
  /** Of the process `pid`; `null` = this one. */
  limits(pid: number | null): Promise<LimitState>;
  /** What the Python at `path` is, and which `packages` it can't import; with those in `folder`. */
  python(path: string, wish: PythonWish): Promise<PythonState>;
  /** When the program's file was made, in milliseconds since 1970; `null` where it can't be told. */
  programMadeAt(): Promise<number | null>;
}

export interface FolderState {
  /** Links not followed; `unseen` = this user is not let in there. */
  readonly kind: FileInfo["kind"] | "missing" | "unseen";
  readonly isOwn: boolean;
  readonly mode: number;
  /** By trying. */
  readonly isWritable: boolean;
  /** For this user; `null` where it can't be told. */
  readonly freeBytes: number | null;
}

/** `stale`: nobody listens there any more. `foreign`: no socket, or another user's. */
export type SocketState = "missing" | "answered" | "stale" | "foreign" | "unseen";

export type PortState =
  | { readonly kind: "free" }
  /** `null` where it can't be told who does. */
  | { readonly kind: "held"; readonly pid: number | null; readonly program: string | null }
  /** The address is none of this machine, or the port only root's. */
  | { readonly kind: "unusable"; readonly why: string };

export type CgroupState =
  | { readonly kind: "works"; readonly path: string; readonly limitsMemory: boolean }
  | { readonly kind: "none"; readonly why: string };

/** `Infinity` where there is no limit, or none that can be told. */
export interface LimitState {
  /** Descriptors of one process. */
  readonly descriptors: number;
  /** How many more threads its user may have. */
  readonly threadsLeft: number;
  /** How many more threads its cgroups let in. */
  readonly pidsLeft: number;
}

export interface PythonWish {
  readonly folder: string | null;
  readonly packages: readonly string[];
}

export type PythonState =
  | { readonly kind: "runs"; readonly version: string; readonly missing: readonly string[] }
  | { readonly kind: "broken"; readonly why: string };
