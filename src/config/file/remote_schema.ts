/** Settings of an engine that runs elsewhere. */
import { refuse } from "../parsed.ts";
import type { RemoteServer, RemoteSettings } from "../settings.ts";
import { group, list, map } from "./schema.ts";
import { headerValue, integer, path, remoteUrl } from "./values.ts";

const SERVER = group<RemoteServer>("a server", {
  url: {
    key: "url",
    summary: "Where it is; what stands behind the host is put before every path",
    schema: remoteUrl,
    isNeeded: true,
  },
  weight: {
    key: "weight",
    summary: "How much it gets beside the others",
    schema: integer({ min: 1, max: 1_000, example: 2 }),
    fallback: "1",
  },
}, { short: "url" });

export const REMOTE = group<RemoteSettings>("an engine elsewhere", {
  servers: {
    key: "url",
    summary: "Of `remote`: the server, or several that do the same and share the requests",
    schema: list(SERVER, { expects: "a URL, one or a list" }),
    fallback: "none",
    alsoCalled: ["urls", "servers", "baseUrl", "base_url", "api_base", "upstream"],
  },
  headers: {
    key: "headers",
    summary: "Of `remote`: sent with every request in place of the client's, credentials above " +
      "all (`Authorization: Bearer ${env.KEY}`); the client's own Authorization, Cookie, X-Api-Key " +
      "and Api-Key never go there",
    schema: map(headerValue, { name: "NAME", check: checkHeaderName }),
    fallback: "none",
    alsoCalled: ["header"],
  },
  ca: {
    key: "ca",
    summary: "Of `remote`: certificates of authorities (PEM) that are trusted besides the " +
      "system's; one that a server made for itself counts only if it says CA:FALSE",
    schema: path("a file"),
    fallback: "the system's alone",
    alsoCalled: ["caFile", "cafile", "cert"],
  },
});

/** Who sets these breaks the message, not only its meaning. */
const FRAMING = new Set(["host", "content-length", "transfer-encoding", "connection", "upgrade"]);

function checkHeaderName(name: string) {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !FRAMING.has(name.toLowerCase())) return null;
  return refuse("which can't be set here", "Take another header", "Authorization");
}
