/** What is told of the memory limit of an engine. */
import type { EngineSettings } from "../config/mod.ts";
import type { ErrorDetails, MemoryHold, OverMemory } from "../core/mod.ts";

/** Who keeps it, and what that means. */
export function toHoldText(hold: MemoryHold, { name, memory }: EngineSettings): string {
  const limit = toMegabytes(memory.maxBytes);
  if (hold.by === "cgroup") {
    return `${name} may have ${limit} (memory.max of its cgroup); the kernel ends it when it needs more.`;
  }
  return `${name} may have ${limit}, kept by a watch: what all its processes have (PSS and swap) is ` +
    `looked at four times a second, and it is ended when that is more. It may be over it in between. ` +
    `The kernel can't keep the limit: ${hold.why}.`;
}

/** Why it was ended. */
export function toExcessText(
  { by, heldBytes }: OverMemory,
  { name, memory }: EngineSettings,
): Pick<ErrorDetails, "detail" | "remedy"> {
  const limit = toMegabytes(memory.maxBytes);
  const detail = by === "cgroup"
    ? `${name} was ended by the kernel because it needed more memory than the ${limit} it may have ` +
      "(memory.max of its cgroup)."
    : `${name} had ${
      toMegabytes(heldBytes)
    } of memory (PSS and swap of all its processes, by our ` +
      `own watch), more than the ${limit} it may have (memory.max), and was ended.`;
  return {
    detail,
    remedy:
      "Raise memory.max of the engine, or let it need less: a smaller model, fewer requests at once.",
  };
}

/** Rounded up, so that more than a limit reads as more. */
function toMegabytes(bytes: number | null): string {
  return `${Math.ceil((bytes ?? 0) / 1_000_000)} MB`;
}
