/** Bounds of what a peer may make us hold or do. Memory is bounded by them whatever comes in. */
export interface Http1Limits {
  /** Start line, fields and blank line; counted anew for each 1xx head and for the trailers. */
  readonly maxHeadBytes: number;
  /** Fields of one head or of the trailers. */
  readonly maxFields: number;
  /** Informational answers before the final one. */
  readonly maxInformational: number;
  /** A chunk's size line with extensions and CR LF. */
  readonly maxChunkLineBytes: number;
  /** Bytes of size lines in one body beyond 16 a line and two for each byte of data. */
  readonly maxChunkExcessBytes: number;
  /** Hexadecimal digits of a chunk size, leading zeros included; 13 stay below 2^52. */
  readonly maxChunkSizeDigits: number;
  /** Bytes of a request's body; answers may go on for as long as they like. */
  readonly maxRequestBodyBytes: number;
}

export const DEFAULT_LIMITS: Http1Limits = {
  maxHeadBytes: 64 * 1024,
  maxFields: 256,
  maxInformational: 5,
  maxChunkLineBytes: 4096,
  maxChunkExcessBytes: 16 * 1024,
  maxChunkSizeDigits: 13,
  maxRequestBodyBytes: 16 * 1024 ** 3,
};
