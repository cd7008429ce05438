import type { OutputSink } from "../core/mod.ts";

/**
 * Reads `stream` into `sink` to its end, always: an engine must never wait for us to read. It stops
 * before the end only when `signal` fires.
 */
export async function drainOutput(
  stream: ReadableStream<Uint8Array>,
  { sink, signal, look }: {
    readonly sink: OutputSink;
    readonly signal: AbortSignal;
    /** Sees what comes, before the sink. @default nobody looks */
    readonly look?: ((chunk: Uint8Array) => void) | undefined;
  },
): Promise<void> {
  const reader = stream.getReader();
  const stop = () => {
    reader.cancel().catch(() => {});
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      look?.(value);
      sink.write(value);
    }
  } catch {
    // The pipe broke: there is nothing more to read.
  } finally {
    sink.end();
  }
}
