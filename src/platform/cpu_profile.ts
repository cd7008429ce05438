/**
 * What this program spends its time on, as V8 sees it. Loaded when somebody wants to know.
 *
 * @module
 */
import { Session } from "node:inspector";

/** Between two looks, in microseconds. */
const SAMPLING_US = 200;

/**
 * Looks at it for `durationMs`, less when `signal` fires. Gives JSON in the form of `.cpuprofile` files, which
 * Chromium's DevTools and editors open.
 */
export async function takeCpuProfile(durationMs: number, signal: AbortSignal): Promise<string> {
  const session = new Session();
  session.connect();
  try {
    await post(session, "Profiler.enable");
    await post(session, "Profiler.setSamplingInterval", { interval: SAMPLING_US });
    await post(session, "Profiler.start");
    await pause(durationMs, signal);
    const { profile } = await post(session, "Profiler.stop");
    return JSON.stringify(profile);
  } finally {
    session.disconnect();
  }
}

function post(
  session: Session,
  method: string,
  params: Record<string, unknown> = {},
): Promise<{ readonly profile?: unknown }> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error: Error | null, result?: object) => {
      if (error === null) resolve(result ?? {});
      else reject(error);
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
