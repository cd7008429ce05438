/** Says what is being waited for. */

/** From when on a wait is worth a word. */
const QUIET_MS = 1_000;

/**
 * Runs `work`; when it takes over a second, says on stderr what is going on, and at its end how long
 * it took. On a terminal the seconds are counted in place.
 */
export async function showProgress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1_000);
  const isTerminal = Deno.stderr.isTerminal();
  let isShown = false;
  const timer = setInterval(() => {
    if (isTerminal) write(`\r${what} … ${seconds()} s`);
    else if (!isShown) write(`${what} …\n`);
    isShown = true;
  }, QUIET_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (isShown) write(`${isTerminal ? "\r" : ""}${what}: ${seconds()} s\n`);
  }
}

const encoder = new TextEncoder();

function write(text: string): void {
  Deno.stderr.writeSync(encoder.encode(text));
}
