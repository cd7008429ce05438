import type { AcceptedStream, StreamListener } from "../../../src/core/mod.ts";
import { ScriptedStream } from "../../support/scripted_stream.ts";

/** The connection of a client that a test plays. */
export class AcceptedScript extends ScriptedStream implements AcceptedStream {
  readonly clientAddress = "127.0.0.1";
  /** Whether the front has told that it sends nothing more. */
  isWriteClosed = false;

  closeWrite(): Promise<void> {
    this.isWriteClosed = true;
    return Promise.resolve();
  }
}

/** A listener on which a test decides who connects, and when accepting fails. */
export class ScriptedListener implements StreamListener {
  readonly address = { kind: "tcp", hostname: "127.0.0.1", port: 7411 } as const;
  #outcomes: (AcceptedStream | Error | null)[] = [];
  #accept: { resolve(stream: AcceptedStream | null): void; reject(error: Error): void } | undefined;
  accepts = 0;
  isClosed = false;

  connect(stream: AcceptedStream): void {
    this.#push(stream);
  }

  fail(error: Error): void {
    this.#push(error);
  }

  accept(): Promise<AcceptedStream | null> {
    this.accepts++;
    return new Promise((resolve, reject) => {
      this.#accept = { resolve, reject };
      this.#deliver();
    });
  }

  close(): void {
    this.isClosed = true;
    this.#push(null);
  }

  #push(outcome: AcceptedStream | Error | null): void {
    this.#outcomes.push(outcome);
    this.#deliver();
  }

  #deliver(): void {
    const accept = this.#accept;
    const [next, ...rest] = this.#outcomes;
    if (accept === undefined || next === undefined) return;
    this.#accept = undefined;
    this.#outcomes = rest;
    if (next instanceof Error) accept.reject(next);
    else accept.resolve(next);
  }
}
