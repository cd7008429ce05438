/** Operating-system signals that ask this program to end. */

export type ClosingSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** Whether this program has a terminal, whose end is told by SIGHUP. */
export function hasTerminal(): boolean {
  try {
    Deno.openSync("/dev/tty").close();
    return true;
  } catch {
    return false;
  }
}

/** Calls `handler` for each closing signal, for the rest of the program's life. */
export function onClosingSignal(handler: (osSignal: ClosingSignal) => void): void {
  for (const osSignal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(osSignal, () => handler(osSignal));
  }
}

/** What became of a command that can be interrupted. */
export interface Interruption {
  /** Aborts on the first signal. */
  readonly signal: AbortSignal;
  /** Which signal it was; `null` before. */
  readonly osSignal: "SIGINT" | "SIGTERM" | null;
}

/** Begins to catch SIGINT and SIGTERM for a command; a second one ends the program at once. */
export function catchInterrupt(): Interruption {
  const abort = new AbortController();
  let caught: "SIGINT" | "SIGTERM" | null = null;
  const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const osSignal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(osSignal, () => {
      if (caught !== null) Deno.exit(exitCodes[osSignal]);
      caught = osSignal;
      abort.abort();
    });
  }
  return {
    signal: abort.signal,
    get osSignal() {
      return caught;
    },
  };
}
