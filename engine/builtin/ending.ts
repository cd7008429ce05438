/** What makes the process end: a stop, a signal, or a supervisor that is gone. */

/** With nobody left who could set a deadline, requests in flight have this long. */
const ORPHAN_LIMIT_MS = 2_000;

/**
 * The two steps of an end. `requested`: no new connection is taken, requests in flight may end.
 * `overdue`: they had their time. Whoever asked owns the deadline: a second signal makes it overdue.
 * When standard input ends, it is overdue two seconds later.
 */
export class Ending {
  readonly #requested = Promise.withResolvers<void>();
  readonly #overdue = Promise.withResolvers<void>();
  #isRequested = false;

  get requested(): Promise<void> {
    return this.#requested.promise;
  }

  get overdue(): Promise<void> {
    return this.#overdue.promise;
  }

  request(): void {
    this.#isRequested = true;
    this.#requested.resolve();
  }

  /** Begins to watch signals and standard input, until the process exits. */
  watch(): void {
    for (const osSignal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(osSignal, () => {
        if (this.#isRequested) this.#overdue.resolve();
        this.request();
      });
    }
    if (isStdinPipe()) {
      readToEnd().then(() => this.#orphaned(), () => this.#orphaned());
    }
  }

  #orphaned(): void {
    this.request();
    setTimeout(() => this.#overdue.resolve(), ORPHAN_LIMIT_MS);
  }
}

/** Whether end-of-file on standard input can mean something: not for a terminal or a file. */
function isStdinPipe(): boolean {
  try {
    const info = Deno.statSync("/dev/stdin");
    return info.isFifo === true || info.isSocket === true;
  } catch {
    return false;
  }
}

/** What is written there means nothing. */
async function readToEnd(): Promise<void> {
  const buffer = new Uint8Array(4_096);
  while (await Deno.stdin.read(buffer) !== null);
}
