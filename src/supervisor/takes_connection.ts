import type { EngineAddress, Transports } from "../core/mod.ts";

/** Connects and leaves again. */
export async function takesConnection(
  address: EngineAddress,
  transports: Transports,
): Promise<boolean> {
  try {
    (await transports.to(address).connect()).close();
    return true;
  } catch {
    return false;
  }
}
