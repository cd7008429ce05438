import type { InstancePool } from "../pool/mod.ts";
import type { ControlClient } from "./control_client.ts";

/** A client of the control socket at `path`; `serve` never loads what it takes. */
export async function openControlClient(pool: InstancePool, path: string): Promise<ControlClient> {
  const { SocketControlClient } = await import("./control_client.ts");
  return new SocketControlClient(pool, path);
}
