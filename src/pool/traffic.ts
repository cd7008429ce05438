/** What goes over lent connections, for who wants to know whether the peer still works. */
export interface Traffic {
  /**
   * Grows with every read that brings something, and with every write that only a peer that reads can
   * have taken. How much it grows means nothing.
   */
  moves: number;
}

/** So much at least the peer has read of what is over it: a Unix socket holds far less (208 KiB on Linux). */
export const SYSTEM_HOLDS_BYTES = 1024 * 1024;
