/** Heads of requests for the tests of access. */
import type { AccessHead, Listener, TokenEntry } from "../../../src/access/mod.ts";

export const TCP: Listener = { kind: "tcp", hostname: "127.0.0.1", port: 7411 };
export const TLS: Listener = { ...TCP, kind: "tls" };
export const UNIX: Listener = { kind: "unix", path: "/run/api.sock" };
export const CONTROL: Listener = { kind: "control" };

/** What `curl http://localhost:7411/api/engines` sends. */
export const CURL: AccessHead = {
  method: "GET",
  path: "/api/engines",
  host: "localhost:7411",
  authority: null,
  authorization: null,
  cookie: null,
  origin: null,
  secFetchSite: null,
  secFetchMode: null,
  secFetchDest: null,
  via: null,
};

export const ADMIN = "0123456789abcdef0123456789abcdef-ADMIN";
export const INFERENCE = "fedcba9876543210fedcba9876543210-INFER==";

export const ENTRIES: readonly TokenEntry[] = [
  { role: "admin", token: ADMIN },
  { role: "inference", token: INFERENCE },
];
