/** Real randomness. */
import type { FillRandom, Random } from "../core/mod.ts";

export const systemRandom: Random = {
  hex(bytes) {
    const values = crypto.getRandomValues(new Uint8Array(bytes));
    return Array.from(values, (value) => value.toString(16).padStart(2, "0")).join("");
  },
  fraction: () => Math.random(),
};

export const fillRandom: FillRandom = (bytes) => void crypto.getRandomValues(bytes);
