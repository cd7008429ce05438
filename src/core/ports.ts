/**
 * The ports: what the rooms need from the machine, as types. `platform` implements them, tests fake
 * them, `app` joins the two.
 *
 * @module
 */

/** A timer that was set and can be called off. */
export interface Timer {
  /** Does nothing when the timer has fired or was cancelled before. */
  cancel(): void;
}

/**
 * Time. `now` is monotonic and leaves out time in which the machine was suspended, so a deadline
 * (`now() + limit`) shifts by itself over a suspend. All values are milliseconds.
 */
export interface Clock {
  now(): number;
  /** Wall clock: milliseconds since 1970, UTC. For showing only, never for waiting. */
  wall(): number;
  /** Runs `callback` once, at `deadline` (in `now` time) or as soon after as possible. */
  at(deadline: number, callback: () => void): Timer;
}

/** Chance. */
export interface Random {
  /** `bytes` random bytes as lower-case hexadecimal. */
  hex(bytes: number): string;
  /** A number from 0 to below 1. */
  fraction(): number;
}

/** Fills all of `bytes` with chance. */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => void;

/** HMAC with SHA-256 (RFC 2104) of two texts as UTF-8: 32 bytes. */
export type HmacSha256 = (key: string, text: string) => Promise<Uint8Array>;

/** One connected byte stream. Not to be read or written by two callers at once. */
export interface ByteStream {
  /** Reads at least one byte into `buffer`; `null` at end-of-file. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some of `bytes`, possibly fewer than all; returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Idempotent. A pending `read` or `write` rejects. */
  close(): void;
}

/** A byte stream that a client has opened. */
export interface AcceptedStream extends ByteStream {
  /** The client's IP address; `null` on a Unix socket. */
  readonly clientAddress: string | null;
  /** Tells the client that nothing more will be sent; reading goes on. */
  closeWrite(): Promise<void>;
  /**
   * Of TLS: agrees on it, before anything is read or written. Rejects when that can't be done; the
   * stream is to be closed then. @default there is nothing to agree on
   */
  handshake?(): Promise<void>;
  /** As `close`, but so that the client can tell it from the end of an answer. @default it can't */
  cut?(): void;
}

/** What the URLs of something begin with: HTTP in clear, or with TLS. */
export type Scheme = "http" | "https";

/** What a server shows its clients, and what proves that it is its own. */
export interface TlsIdentity {
  /** A certificate with those that lead to one that clients know (PEM). */
  readonly cert: string;
  /** Its private key (PEM). */
  readonly key: string;
}

/** Where a listener listens, as it turned out: the port is never 0; `tls` is TCP with TLS. */
export type ListenerAddress =
  | { readonly kind: "tcp" | "tls"; readonly hostname: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Connections coming in. */
export interface StreamListener {
  readonly address: ListenerAddress;
  /**
   * The next connection; `null` once the listener is closed. Rejects when the system has no room for
   * one (descriptors); trying again later makes sense.
   */
  accept(): Promise<AcceptedStream | null>;
  /** Idempotent; the file of a Unix socket goes with it. */
  close(): void;
}

/** Why a connection attempt failed, in words the rooms may know. */
export type DialFailure =
  | "no_socket" // nothing at that path
  | "refused" // a socket file nobody listens on
  | "not_listening" // nobody listens on that port
  | "unknown_host" // no machine has that name
  | "bad_certificate" // its certificate is not one to be trusted
  | "backlog_full" // the listener's queue is full: nothing was sent, try again
  | "no_descriptors" // on our side, which says nothing of the listener: try again
  | "other";

/** A failed dial; `platform` throws it, whoever dials translates it. */
export class DialError extends Error {
  override readonly name = "DialError";
  constructor(readonly failure: DialFailure, message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** Connections going out. */
export interface Net {
  /** Connects to the Unix socket at `path`. Throws {@linkcode DialError}. */
  connectUnix(path: string): Promise<ByteStream>;
}

/** Where an engine listens. */
export type EngineAddress =
  | { readonly kind: "unix"; readonly path: string }
  /** A path that `node:net` connects to: a named pipe on Windows. */
  | { readonly kind: "pipe"; readonly path: string }
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number }
  /** TCP with TLS; the certificates of `caFile` (PEM) are trusted besides the system's. */
  | {
    readonly kind: "tls";
    readonly hostname: string;
    readonly port: number;
    readonly caFile: string | null;
  };

/** The way to one listener, whatever it listens on. */
export interface Transport {
  /** Its address in words: a path, or HOST:PORT. */
  readonly name: string;
  /** Throws {@linkcode DialError}. */
  connect(): Promise<ByteStream>;
}

/** Ways to listeners, and free places for them on this machine. */
export interface Transports {
  to(address: EngineAddress): Transport;
  /** A port of 127.0.0.1 on which nobody listens; another one each time. Throws `SpawnError`. */
  freePort(): number;
  /** Whether somebody listens on `port` of 127.0.0.1, or of all addresses. */
  isTaken(port: number): boolean;
}

/** What to run. */
export interface SpawnSpec {
  /** Program and arguments; never a shell line. */
  readonly argv: readonly [string, ...string[]];
  /** Added to the inherited environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What of this program's environment it inherits. @default all */
  readonly inherits?: InheritedVariables;
  readonly cwd?: string;
  /** Found again in the process' environment as `AI_ENGINE_RUN`. */
  readonly runId: string;
  /** What it is held to. @default nothing but what this program is */
  readonly limits?: SpawnLimits;
}

/** Names of variables. */
export type InheritedVariables =
  | { readonly allBut: readonly string[] }
  | { readonly only: readonly string[] };

/** What a process and all that it starts are held to; what is left out is not limited. */
export interface SpawnLimits {
  /** Of all of them together. */
  readonly memoryMaxBytes?: number;
  /** CPU niceness, from -20 (first) to 19 (last). */
  readonly nice?: number;
  /** Name or number of the user they run as. Only root can. */
  readonly user?: string;
  /** Name or number of the group instead of the user's own. Only root can. */
  readonly group?: string;
  /** Made for them before they start, theirs alone (0700), and removed at their `release`. */
  readonly privateDir?: string;
}

/** How a process ended. */
export interface ExitStatus {
  readonly code: number;
  /** e.g. `SIGKILL`; `null` when it exited by itself. */
  readonly osSignal: string | null;
  /** Set when it was ended for having more memory than it may. */
  readonly overMemory?: OverMemory;
}

/** More memory than a process tree may have. */
export interface OverMemory {
  /** The kernel has noticed it, or this program by looking. */
  readonly by: MemoryHold["by"];
  /** What it was seen to have; `null` when the kernel did not let it get it. */
  readonly heldBytes: number | null;
}

/** What sees to a memory limit. */
export type MemoryHold =
  /** The kernel: ends the tree when it needs more. */
  | { readonly by: "cgroup"; readonly wasOver: () => boolean }
  /** Nobody but the owner, who looks once a second and ends it; `why` there is no cgroup for it. */
  | {
    readonly by: "watch";
    readonly why: string;
    /** What the whole tree has (PSS and swap, in bytes) when that is more than it may; else `null`. */
    readonly excess: () => Promise<number | null>;
  };

/**
 * A running process and what descends from it: leader of its own session and group. The owner reads
 * `stdout` and `stderr` to their ends, always.
 */
export interface ProcessTree {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Resolves when the leader is gone and reaped; never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** How it is held to its memory limit. @default it has none */
  readonly memoryHold?: MemoryHold;
  /** Sends to the whole group; SIGTERM is followed by SIGCONT. No group left: does nothing. */
  signal(osSignal: "SIGTERM" | "SIGKILL"): void;
  /**
   * SIGKILL to whatever still carries the run id, is in the tree's session or in its cgroup, also outside
   * the group. Returns how many processes it met. Rejects when it can't look, for want of descriptors.
   */
  killStrays(): Promise<number>;
  /** Whether a live (not zombie) process is left in the group. Rejects when it can't look. */
  hasGroup(): Promise<boolean>;
  /** Resident memory of the leader in bytes; `null` where it can't be read. */
  rssBytes(): number | null;
  /** What it and all that descends from it have in memory and swap (PSS), in bytes; rejects when it can't look. */
  heldBytes(): Promise<number>;
  /**
   * Whether one of its processes is who listens on `port`; `null` where it can't be told. Rejects when it
   * can't look, for want of descriptors.
   */
  ownsPort(port: number): Promise<boolean | null>;
  /** Whether the leader is stopped by a signal (SIGSTOP, Ctrl-Z); `false` where it can't be told. */
  isStopped(): boolean;
  /** Lets go of stdin, of unread output, and of what was made for it. */
  release(): void;
}

/** Processes going out. */
export interface Processes {
  /**
   * Throws `SpawnError` with a remedy: missing, not executable, another architecture; or no descriptor,
   * process or memory left for it.
   */
  spawn(spec: SpawnSpec): ProcessTree;
}

/** What stands at a path, links not followed. */
export interface FileInfo {
  readonly kind: "file" | "directory" | "socket" | "symlink" | "other";
  /** Owner; `null` where the system has none. */
  readonly uid: number | null;
  /** Permission bits, e.g. 0o600. */
  readonly mode: number;
}

/** The few things the rooms do with files. */
export interface Files {
  /** `null` when there is nothing at `path`. */
  info(path: string): Promise<FileInfo | null>;
  /** Nothing there is fine. */
  remove(path: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /**
   * Calls `listener` soon after something is made in the folder `dir`, or changes; gives what ends that,
   * `null` where it can't be had. @default it can't be had
   */
  onChange?(dir: string, listener: () => void): (() => void) | null;
  /** The user this program runs as; `null` where the system has none. */
  readonly uid: number | null;
}

/** A log file that is open; one writer. */
export interface LogFile {
  /** Bytes that were in it when it was opened. */
  readonly size: number;
  /** Writes some of `bytes` at its end, possibly fewer than all; returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Rejects where what was written can't be kept, as a server's disk may be found full only now. */
  close(): Promise<void>;
}

/** What writing logs needs of files. All reject with what the system says. */
export interface LogFiles {
  /**
   * Opens `path` to write at its end, made (0600) with its folder (0700) if it is not there. A last
   * line without a newline gets one. Rejects what is no regular file.
   */
  open(path: string): Promise<LogFile>;
  /** In bytes; `null` when there is nothing at `path`. */
  size(path: string): Promise<number | null>;
  /** Nothing at `from` is fine. */
  rename(from: string, to: string): Promise<void>;
  /** Nothing there is fine. */
  remove(path: string): Promise<void>;
}

/** What the machine says of this process; `null` where it does not say. */
export interface ProcessFigures {
  /** User and system time, seconds. */
  readonly cpuSeconds: number | null;
  readonly residentBytes: number;
  readonly openFds: number | null;
  /** How many it may have open. */
  readonly maxFds: number | null;
  /** Seconds since 1970, UTC. */
  readonly startedAtSeconds: number;
}

/** Where lines of the program itself go: one line, no trailing newline. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
}

/** Where an engine's output goes, and where its last lines are found again. */
export interface OutputLog {
  /** A new process begins: `tail` forgets the lines of the one before. */
  begin(engine: string): void;
  /** A sink for one stream of one process; it never waits. */
  sink(engine: string, stream: OutputStream): OutputSink;
  /** The last lines of `engine`'s newest process, oldest first. */
  tail(engine: string, lines: number): readonly string[];
}

/** Where a process prints. */
export type OutputStream = "stdout" | "stderr";

export interface OutputSink {
  write(chunk: Uint8Array): void;
  /** Ends a last line that has no newline. */
  end(): void;
}
