/** A page that goes out while it is written: what can't be known yet comes as it happens. */
import { escapeHtml } from "./escape_html.ts";
import { pageHeaders } from "./security_headers.ts";

/** The page's next pieces. A reader that is gone is not told. */
export interface PageWriter {
  /** Markup of our own. */
  html(markup: string): void;
  /** Any text at all. */
  text(text: string): void;
}

/** Writes the page; the signal fires when its reader leaves. Must not reject. */
export type WritePage = (page: PageWriter, signal: AbortSignal) => Promise<void>;

export function streamPage(write: WritePage, clientSignal: AbortSignal): Response {
  const left = new AbortController();
  const signal = AbortSignal.any([clientSignal, left.signal]);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const html = (markup: string): void => {
        if (!left.signal.aborted) controller.enqueue(encoder.encode(markup));
      };
      await write({ html, text: (text) => html(escapeHtml(text)) }, signal);
      if (!left.signal.aborted) controller.close();
    },
    cancel() {
      left.abort();
    },
  });
  // Proxies are not to wait for the end of it.
  return new Response(body, { headers: { ...pageHeaders(), "x-accel-buffering": "no" } });
}
