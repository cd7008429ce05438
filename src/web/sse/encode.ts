/** Server-Sent Events as bytes (HTML standard, section 9.2). */

const ENCODER = new TextEncoder();

export interface WireEvent {
  readonly type: string;
  /** Anything JSON can say; JSON has no raw line break, so one `data` line holds it. */
  readonly data: unknown;
  /** What a client sends back as `Last-Event-ID`; only events that can be replayed have one. */
  readonly id?: string | null;
}

export function encodeEvent({ type, data, id }: WireEvent): Uint8Array {
  const idLine = id === undefined || id === null ? "" : `id: ${id}\n`;
  return ENCODER.encode(`event: ${type}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
}

/** How long a client waits before it connects again. */
export function encodeRetry(retryMs: number): Uint8Array {
  return ENCODER.encode(`retry: ${retryMs}\n\n`);
}

/** Nothing, said aloud: keeps intermediaries and half-open connections from sleeping. */
export function encodeComment(): Uint8Array {
  return ENCODER.encode(":\n\n");
}

export function eventStreamHeaders(): Record<string, string> {
  return {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  };
}
