/** The ways in which an engine of the chaos is bad; bad_engine.py knows what each of them does. */

export const KINDS = [
  "exits",
  "hangs",
  "floods",
  "forks",
  "ignores signals",
  "answers garbage",
  "fills the disk",
  "eats memory",
  "stops itself",
  "double-forks",
  "slow",
] as const;

/** In none of them. */
export const WELL = "well";

export type Kind = typeof KINDS[number] | typeof WELL;

/** The kind that needs a file system of its own. */
export const FILLS_THE_DISK: Kind = "fills the disk";
