/** Operating-system signals that ask this program to end. */

export type ClosingSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** Calls `handler` for each closing signal; returns the way to stop listening. */
export function onClosingSignal(handler: (osSignal: ClosingSignal) => void): () => void {
  const listeners = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((osSignal) => {
    const listener = () => handler(osSignal);
    Deno.addSignalListener(osSignal, listener);
    return () => Deno.removeSignalListener(osSignal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}
