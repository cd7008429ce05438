import type { PortState } from "../../core/mod.ts";
import { hasSocket, listenersOn } from "../port_owner.ts";

/** Listens there for a moment, where that can be done. */
export async function examinePort(
  { hostname, port }: { readonly hostname: string; readonly port: number },
): Promise<PortState> {
  try {
    Deno.listen({ hostname, port }).close();
    return { kind: "free" };
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) return { kind: "unusable", why: whyNot(error) };
    const pid = await holderOf(port);
    return { kind: "held", pid, program: pid === null ? null : await programOf(pid) };
  }
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.AddrNotAvailable) return "no address of this machine";
  if (error instanceof Deno.errors.PermissionDenied) return "a port that only root may take";
  return error instanceof Error ? error.message : String(error);
}

/** `null` where it can't be told: another user's, or not on Linux. */
async function holderOf(port: number): Promise<number | null> {
  const inodes = Deno.build.os === "linux" ? await listenersOn(port) : null;
  if (inodes === null) return null;
  for await (const { name } of Deno.readDir("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid) && await hasSocket(pid, inodes)) return pid;
  }
  return null;
}

/** Its name alone: what it was started with may hold secrets. */
async function programOf(pid: number): Promise<string | null> {
  try {
    return (await Deno.readTextFile(`/proc/${pid}/comm`)).trim();
  } catch {
    return null;
  }
}
