/** Header fields of everything that goes out, and of pages in particular. */

/** Pages take everything from here and nothing inline, and stand in no frame. */
const PAGE_POLICY =
  "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** What is no page must not act as one, whoever wrote it: an engine's answer passes unchanged. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

export function pageHeaders(): Record<string, string> {
  return {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": PAGE_POLICY,
  };
}

/**
 * Adds what every response carries. The referrer policy keeps the `Origin` of our own forms, which
 * `no-referrer` would turn into `null`.
 */
export function secure(response: Response): Response {
  const { headers } = response;
  if (!headers.has("content-security-policy")) {
    headers.set("content-security-policy", DATA_POLICY);
  }
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("referrer-policy", "same-origin");
  headers.set("x-content-type-options", "nosniff");
  return response;
}
