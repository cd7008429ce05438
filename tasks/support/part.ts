/** A part of the surroundings that may be missing: a Python environment, a browser. */
import { inRoot } from "./root.ts";

export interface Missing {
  readonly kind: "missing";
  /** One sentence: what is missing and how to get it. */
  readonly why: string;
}

export interface Ready {
  readonly kind: "ready";
  /** Absolute; each part says of what. */
  readonly path: string;
}

export type Part = Ready | Missing;

export function ready(path: string): Ready {
  return { kind: "ready", path };
}

export function missing(why: string): Missing {
  return { kind: "missing", why };
}

/**
 * Runs `work` while no other process does so under the same name, so that two tasks started at once
 * don't set up the same part twice.
 */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  await Deno.mkdir(inRoot(".cache"), { recursive: true });
  using file = await Deno.open(inRoot(".cache", `${name}.lock`), { create: true, write: true });
  await file.lock(true);
  return await work();
}
