import type { EngineSettings } from "../config/mod.ts";
import type { ProcessPorts } from "./process_ports.ts";

/** The settings a process is started with; `null` when `signal` fires before they are there. */
export async function prepareSettings(
  settings: EngineSettings,
  { prepare, signal }: Pick<ProcessPorts, "prepare"> & { readonly signal: AbortSignal },
): Promise<EngineSettings | null> {
  if (prepare === undefined) return settings;
  const called = Promise.withResolvers<null>();
  const callOff = () => called.resolve(null);
  signal.addEventListener("abort", callOff, { once: true });
  try {
    return signal.aborted ? null : await Promise.race([prepare(settings), called.promise]);
  } finally {
    signal.removeEventListener("abort", callOff);
  }
}
