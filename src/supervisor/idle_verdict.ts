import type { Crew } from "./crew.ts";
import type { IdleVerdict } from "./instance_types.ts";
import type { Member } from "./member.ts";

/** Between two looks whether an idle instance may stop while another one is used. */
const IDLE_LOOK_MS = 60_000;

/**
 * What becomes of an instance of `crew` that nobody has used for its time. The last ones stay while any of
 * them is used; one more than is needed goes.
 */
export function idleVerdict(crew: Crew, instance: Member, now: number): IdleVerdict {
  const later = { kind: "later", at: now + IDLE_LOOK_MS } as const;
  // One that is to take over is there for those who come then.
  if (!crew.serving.includes(instance)) return later;
  const others = crew.serving.filter((one) => one !== instance && one.state.name === "ready");
  if (others.length >= crew.settings.replicas.min) return { kind: "scale_down" };
  const at = Math.max(...others.map(({ idleAt }) => idleAt ?? Infinity));
  if (at <= now) return { kind: "stop" };
  // While another one is used nobody knows until when: its last request's end looks again.
  return at === Infinity ? later : { kind: "later", at };
}
