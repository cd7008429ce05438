/**
 * Whole requests to one instance over kept connections: what supervisor and command line use.
 *
 * @module
 */

export type Field = readonly [name: string, value: string];

/** A request with its body at hand. `Host` and `Content-Length` are added. */
export interface ClientRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH";
  /** Origin form, e.g. `/status?x=1`. */
  readonly target: string;
  readonly fields?: readonly Field[];
  readonly body?: Uint8Array;
}

/** A whole response. Names are lower case, values as they came, decoded as Latin-1. */
export interface ClientResponse {
  readonly status: number;
  readonly fields: readonly Field[];
  /** Use the array, never its `.buffer`: other bytes may be there too. */
  readonly body: Uint8Array;
}

/** Limits of one exchange, in milliseconds. */
export interface ExchangeLimits {
  /** Connecting in all, a full backlog retried. @default 1_000 */
  readonly connectMs?: number;
  /** Without a byte of the request moving. @default 120_000 */
  readonly writeIdleMs?: number;
  /** From the last byte sent to the end of the response head. @default 600_000 */
  readonly headMs?: number;
  /** Between two reads of the body. @default 600_000 */
  readonly bodyIdleMs?: number;
  /** The whole exchange. @default no limit */
  readonly totalMs?: number;
}

export interface RequestOptions extends ExchangeLimits {
  readonly signal?: AbortSignal;
  /** Largest response body; more fails the exchange. @default 16 MiB */
  readonly maxBodyBytes?: number;
  /** The connection is used for this request only. @default false */
  readonly fresh?: boolean;
}

/** A client of one instance. */
export interface InstanceClient {
  /**
   * One exchange. Throws `ConnectError`, `ProtocolError`, `TimeoutError`, or `signal.reason`; after
   * any of them the connection is closed. Nothing is retried but the dial; a kept connection that
   * turns out dead before a byte of the request is written counts as one.
   */
  request(request: ClientRequest, options?: RequestOptions): Promise<ClientResponse>;
  /**
   * Closes idle connections; those in use are closed when they come back. Requests after that fail:
   * what listens on the path by then may be another process.
   */
  close(): void;
}
