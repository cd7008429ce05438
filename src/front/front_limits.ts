/** The waits of a client's connection, in milliseconds (contract, section 6). */
export interface FrontLimits {
  /** From the first byte of a head to its end. @default 10_000 */
  readonly headMs: number;
  /** Before the first byte of a request. @default 75_000 */
  readonly idleMs: number;
  /** Between two pieces of a body that somebody waits for. @default 60_000 */
  readonly bodyIdleMs: number;
  /** A write of which no byte moves. @default 120_000 */
  readonly writeStallMs: number;
  /**
   * How long what a client still sends is read and thrown away after an answer that ends the
   * connection: one that is writing when its connection closes may never read the answer.
   * @default 1_000
   */
  readonly lingerMs: number;
}

export const DEFAULT_FRONT_LIMITS: FrontLimits = {
  headMs: 10_000,
  idleMs: 75_000,
  bodyIdleMs: 60_000,
  writeStallMs: 120_000,
  lingerMs: 1_000,
};
