/** See `cpu_profile.ts`, which is loaded when somebody wants to know. */
export async function takeCpuProfile(durationMs: number, signal: AbortSignal): Promise<string> {
  return await (await import("./cpu_profile.ts")).takeCpuProfile(durationMs, signal);
}
