/** How the body of a request that goes out is framed. */
export type RequestFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" };

/** What the codec has to know of a request whose head the caller has written. */
export interface OutgoingRequest {
  /** Case matters. */
  readonly method: string;
  /** Bytes of the head. */
  readonly headBytes: number;
  /** As the head announces it. */
  readonly body: RequestFraming;
  /** The head says `Connection: close`. */
  readonly saysClose: boolean;
  /** The head asks for these protocols: its `Upgrade`, and `Connection: upgrade`. @default none */
  readonly upgrade?: Uint8Array | undefined;
}
