/** Time that passes. */

const STEP_MS = 100;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Looks until it is so, or it was not for so long: `false`. */
export async function isSoon(
  isThere: () => Promise<boolean>,
  limitMs: number,
): Promise<boolean> {
  const endsAt = performance.now() + limitMs;
  while (!await isThere()) {
    if (performance.now() > endsAt) return false;
    await pause(STEP_MS);
  }
  return true;
}
