/** Requests that the supervisor answers itself, and what it has to say to them. */

export interface OwnPage {
  readonly method: "GET" | "HEAD" | "POST";
  readonly target: string;
  /** A line of the head. */
  readonly field?: string;
  readonly status: number;
  /** Stands in the body. */
  readonly says: string;
}

/** How often, and what. */
export const OWN_PAGES: readonly (readonly [weight: number, page: OwnPage])[] = [
  [4, { method: "GET", target: "/health", status: 200, says: '"status":"ok"' }],
  [4, { method: "GET", target: "/api/engines", status: 200, says: '"name":"soak"' }],
  [2, { method: "GET", target: "/api/engines/soak", status: 200, says: '"inflight":' }],
  [1, { method: "GET", target: "/", status: 200, says: "</html>" }],
  [1, { method: "HEAD", target: "/health", status: 200, says: "" }],
  [1, { method: "POST", target: "/api/engines/soak/activity", status: 204, says: "" }],
  [1, { method: "GET", target: "/nowhere", status: 404, says: "not_found" }],
  [1, { method: "GET", target: "/api/engines/none", status: 404, says: "unknown_engine" }],
  [1, { method: "GET", target: "/upstream/none/x", status: 404, says: "unknown_engine" }],
  [1, {
    method: "GET",
    target: "/upstream/soak/health",
    field: "Origin: https://elsewhere.example",
    status: 403,
    says: "forbidden_origin",
  }],
];
