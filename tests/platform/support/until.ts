/** Far longer than anything takes; only a failure waits for it. */
export const LIMIT_MS = 20_000;

/** Asks again and again until `isTrue` says so; `what` names it when it never does. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  for (let pauseMs = 1; !await isTrue(); pauseMs = Math.min(pauseMs * 1.5, 50)) {
    if (performance.now() > end) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Gives what `promise` gives; rejects instead of waiting for ever, `what` names it then. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`never ended: ${what}`)), LIMIT_MS);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
