/** What all pages need to be made and to go out. Loaded with the first page. */
import type { WebDeps } from "./deps.ts";
import { pageHeaders } from "./security_headers.ts";
import type { Frame } from "./ui/layout.tsx";

export interface PageResponseOptions {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A document as a response. */
export function pageResponse(html: string, options: PageResponseOptions = {}): Response {
  const { status = 200, headers = {} } = options;
  return new Response(html, { status, headers: { ...headers, ...pageHeaders() } });
}

/** How things stand at this moment, for {@linkcode Layout}. */
export function frameOf({ clock, events, tokens, version }: WebDeps): Frame {
  return {
    version,
    now: clock.wall(),
    lastId: events.lastId,
    asksForTokens: tokens !== null,
  };
}
