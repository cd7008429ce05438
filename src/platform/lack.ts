/** Of what there was not enough, told from what the runtime throws. */
import type { SpawnFault } from "../core/mod.ts";

export type Lack = Exclude<SpawnFault, "program">;

const BY_CODE: Readonly<Record<string, Lack>> = {
  EMFILE: "descriptors",
  EAGAIN: "processes",
  ENOMEM: "memory",
};

/** The whole system's descriptors (ENFILE): the runtime knows no name for it (2.6.10 and 2.9.6). */
const SYSTEM_DESCRIPTORS = "(os error 23)";

/** What a system call that creates something failed for; `null` when it was something else. */
export function lackOf(error: unknown): Lack | null {
  if (!(error instanceof Error)) return null;
  if (error.message.includes(SYSTEM_DESCRIPTORS)) return "descriptors";
  const code = "code" in error ? String(error.code) : "";
  return BY_CODE[code] ?? null;
}
