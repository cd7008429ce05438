/** Well under the 10 s after which the runtime lets an idle thread go. */
const LOOK_MS = 8_000;

/**
 * Keeps one thread of the runtime for work on files, from now until the program's end. Where it has none
 * and the system allows no further one (EAGAIN), the runtime does not fail that work: it ends the
 * program, and with it every engine (seen on 2.6.10 and 2.9.6).
 */
export function keepFileThread(): void {
  const look = setInterval(() => {
    Deno.lstat("/").catch(() => {
      // It was the thread that was wanted, not the answer.
    });
  }, LOOK_MS);
  Deno.unrefTimer(look);
}
