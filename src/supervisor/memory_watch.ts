/** A memory limit that nobody keeps but us; loaded when there is one. */
import { type Clock, type MemoryHold, sleep } from "../core/mod.ts";

/** Pause between two looks. */
const LOOK_MS = 250;

/** Looks until the process has more than it may, or until `signal` fires; gives what it had then. */
export async function watchMemory(
  { excess }: Extract<MemoryHold, { by: "watch" }>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<number | null> {
  while (!signal.aborted) {
    await sleep(clock, LOOK_MS, signal);
    const held = signal.aborted ? null : await excess();
    if (held !== null) return held;
  }
  return null;
}
