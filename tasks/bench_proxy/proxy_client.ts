/** The client in C, in a process of its own: see proxy_client.c. */
import type { OwnedProcess } from "../bench/owned_process.ts";
import { programOf } from "./packages.ts";
import type { ProxyRig } from "./proxy_rig.ts";
import type { Side } from "./sides.ts";

/** What it is told to do. */
export interface ClientJob {
  readonly what: "ask" | "first" | "events" | "down" | "up" | "hold";
  /** The backend's. */
  readonly target: string;
  /** Requests, streams or bytes. */
  readonly number?: number;
  /** Put before the command, e.g. to pin it to a core. @default none */
  readonly before?: readonly string[];
}

/** Begins a job on a side. */
export function startClient(rig: ProxyRig, side: Side, job: ClientJob): OwnedProcess {
  const { what, target, number, before = [] } = job;
  const last = number === undefined ? [] : [String(number)];
  const program = programOf(rig.client);
  return rig.yard.spawn([
    ...before,
    program,
    what,
    String(side.port),
    `${side.prefix}${target}`,
    ...last,
  ]);
}

/** Does a job to its end: the numbers on each of the lines it prints, of which there are `lines`. */
export async function runClient(
  rig: ProxyRig,
  side: Side,
  job: ClientJob & { readonly lines: number },
): Promise<readonly (readonly number[])[]> {
  await using process = startClient(rig, side, job);
  const found: number[][] = [];
  while (found.length < job.lines) {
    const line = await process.nextLine();
    found.push(line.split(" ").map(Number));
  }
  return found;
}
