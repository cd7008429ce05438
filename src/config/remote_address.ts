import type { EngineAddress } from "../core/mod.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";

/** Reads where a server is: as it came, but without a slash at its end. */
export function parseRemoteUrl(text: string): Parsed<string> {
  const example = "https://gpu.example.com/llm";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse("which is not a URL", "Begin with http:// or https://", example);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return refuse("which is neither http nor https", "Begin with http:// or https://", example);
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("which has a credential in it", "Put it into headers", example);
  }
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(text)) {
    return refuse("which has a query or a fragment", "Leave out what begins with ? or #", example);
  }
  return accept(url.href.replace(/\/+$/, ""));
}

/** Where to connect for `url`; `caFile` is trusted besides the system's certificates. */
export function toRemoteAddress(url: string, caFile: string | null): EngineAddress {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  if (protocol === "http:") return { kind: "tcp", hostname: host, port: Number(port || 80) };
  return { kind: "tls", hostname: host, port: Number(port || 443), caFile };
}
