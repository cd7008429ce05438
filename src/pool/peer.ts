import {
  ConnectError,
  DialError,
  type DialFailure,
  formatDuration,
  ProtocolError,
  TimeoutError,
} from "../core/mod.ts";
import type { Phase } from "./types.ts";

const DIAL_TEXTS: Readonly<Record<DialFailure, { why: string; remedy: string }>> = {
  no_socket: {
    why: "there is no socket at that path",
    remedy: "Start what should listen there, or correct the path.",
  },
  refused: {
    why: "a socket file is there, but nobody listens on it",
    remedy: "Start what should listen there; it left the file behind when it ended.",
  },
  not_listening: {
    why: "nobody listens there",
    remedy: "Start what should listen there, or correct the address.",
  },
  unknown_host: {
    why: "no machine of that name is known",
    remedy: "Correct the name, or see whether this machine reaches its name server.",
  },
  bad_certificate: {
    why: "its certificate is not one that is trusted here",
    remedy: "Name the authority that signed it with `ca`, or correct the host's name.",
  },
  backlog_full: {
    why: "its queue of connections is full",
    remedy: "Try again, or let it accept more connections at once.",
  },
  no_descriptors: {
    why: "this program has no descriptor left (`ulimit -n`)",
    remedy: "Close connections to it, or run it with a higher `ulimit -n`.",
  },
  other: {
    why: "the system refused the connection",
    remedy: "See the cause, and who may open the socket.",
  },
};

const PHASE_TEXTS: Readonly<Record<Phase, { what: string; remedy: string }>> = {
  connect: {
    what: "took no connection",
    remedy: "See whether it is overloaded or stuck; it has to accept connections.",
  },
  write: {
    what: "read nothing more of the request",
    remedy: "See whether it is stuck, or restart it.",
  },
  head: {
    what: "began no answer",
    remedy: "See its last output lines; if it only needs longer, raise the limit.",
  },
  body: {
    what: "sent nothing more of its answer",
    remedy: "See its last output lines; if it only needs longer, raise the limit.",
  },
  total: {
    what: "was not done with the request",
    remedy: "See its last output lines; if it only needs longer, raise the limit.",
  },
};

/** Who is at the other end, in words: makes every error of this room that is about the peer. */
export class Peer {
  readonly #path: string;
  readonly #engine: string | undefined;

  constructor(path: string, engine: string | undefined) {
    this.#path = path;
    this.#engine = engine;
  }

  dialFailed(error: unknown): ConnectError {
    const failure = error instanceof DialError ? error.failure : "other";
    const { why, remedy } = DIAL_TEXTS[failure];
    const detail = `Can't connect to ${this.#who} on ${this.#path}: ${why}.`;
    const words = { detail, remedy, cause: error, ...this.#named };
    if (failure !== "no_descriptors") return this.#connectError("before_send", words);
    return new ConnectError("too_many_connections", "before_send", { ...words, retryAfterS: 1 });
  }

  /** The connection ended or broke; `stage` says whether the peer may have the request. */
  brokeOff(stage: ConnectError["stage"], broke: { when: string; cause?: unknown }): ConnectError {
    return this.#connectError(stage, {
      detail: `The connection to ${this.#who} on ${this.#path} ended ${broke.when}.`,
      remedy: "See its last output lines for why it closed the connection.",
      cause: broke.cause,
    });
  }

  /** A request to a client that is closed already. */
  clientClosed(): ConnectError {
    return this.#connectError("before_send", {
      detail: `The connections to ${this.#who} on ${this.#path} were closed.`,
      remedy: "Start it again, then send the request again.",
    });
  }

  timedOut(phase: Phase, limitMs: number): TimeoutError {
    const { what, remedy } = PHASE_TEXTS[phase];
    const detail = `${this.#Who} ${what} within ${formatDuration(limitMs)}.`;
    return new TimeoutError(phase, { detail, remedy, ...this.#named });
  }

  /** The same error with the peer in its text. */
  brokeRule(error: ProtocolError): ProtocolError {
    return new ProtocolError(error.side, error.rule, {
      detail: `${this.#Who} on ${this.#path} did not keep to HTTP/1.1. ${error.message}`,
      remedy: error.remedy,
      cause: error,
      ...this.#named,
    });
  }

  #connectError(
    stage: ConnectError["stage"],
    words: { detail: string; remedy: string; cause?: unknown },
  ): ConnectError {
    return new ConnectError("upstream_failed", stage, { ...words, ...this.#named });
  }

  get #named(): { engine?: string } {
    return this.#engine === undefined ? {} : { engine: this.#engine };
  }

  get #who(): string {
    return this.#engine === undefined ? "the server" : `the engine ${this.#engine}`;
  }

  get #Who(): string {
    return `T${this.#who.slice(1)}`;
  }
}
