/** Runs a program again whenever its sources change, until it is told to end. */

/** A run of the program. */
export type Run = Pick<Deno.ChildProcess, "status" | "kill">;

export interface DevLoopOptions {
  /** Starts the program; called again for each run. */
  readonly start: () => Promise<Run>;
  /** Resolves at the first change after the call. */
  readonly nextChange: () => Promise<void>;
  /** Registers the receiver of the system's signals to this process. */
  readonly onSignal: (receive: (osSignal: Deno.Signal) => void) => void;
  readonly say: (line: string) => void;
  /** How long the program may take to end before it is killed. @default 20_000 */
  readonly endLimitMs?: number;
}

/** Signals in quick succession are one: the terminal, npx and `deno task` each pass them on. */
const SAME_SIGNAL_MS = 300;

/** What ended a wait. */
type Turn =
  | { readonly kind: "changed" }
  | { readonly kind: "told" }
  | { readonly kind: "exited"; readonly code: number };

/**
 * Runs the program until a signal comes, which is passed on, or until it ends well by itself. A run
 * that fails is followed by another one at the next change.
 *
 * @returns the exit code of the last run
 */
export async function runDevLoop(options: DevLoopOptions): Promise<number> {
  const told = Promise.withResolvers<Turn>();
  let running: Run | null = null;
  let last: { readonly osSignal: Deno.Signal; readonly at: number } | null = null;
  options.onSignal((osSignal) => {
    const at = performance.now();
    const isEcho = last?.osSignal === osSignal && at - last.at < SAME_SIGNAL_MS;
    last = { osSignal, at };
    if (!isEcho && running !== null) send(running, osSignal);
    told.resolve({ kind: "told" });
  });
  const isTold = () => last !== null;
  for (;;) {
    const changed = options.nextChange().then((): Turn => ({ kind: "changed" }));
    const child = await options.start();
    running = child;
    if (isTold()) send(child, "SIGTERM");
    const exited = child.status.then(({ code }): Turn => ({ kind: "exited", code }));
    const turn = await Promise.race([told.promise, exited, changed]);
    if (turn.kind === "changed") {
      options.say("A source has changed: starting again.");
      send(child, "SIGTERM");
    }
    const code = turn.kind === "exited" ? turn.code : await waitForEnd(child, options);
    running = null;
    if (turn.kind === "exited" && code !== 0 && !isTold()) {
      options.say(`It ended with code ${code}. Waiting for a change.`);
      await Promise.race([told.promise, changed]);
    }
    if (isTold() || (turn.kind === "exited" && code === 0)) return code;
  }
}

/** Waits for the end of a program that was told to end; kills it when it takes too long. */
async function waitForEnd(child: Run, options: DevLoopOptions): Promise<number> {
  const timer = setTimeout(() => {
    options.say("It does not end: killed.");
    send(child, "SIGKILL");
  }, options.endLimitMs ?? 20_000);
  const { code } = await child.status;
  clearTimeout(timer);
  return code;
}

/** Sends a signal; does nothing when the program has ended in the meantime. */
export function send(child: Run, osSignal: Deno.Signal): void {
  try {
    child.kill(osSignal);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}
