import type { ClientLimits } from "../config/mod.ts";

/** The waits of a client's connection, in milliseconds. */
export interface FrontLimits extends ClientLimits {
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
