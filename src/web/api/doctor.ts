/** `GET /api/doctor`: what only the running supervisor can tell a doctor. No secrets, no paths. */
import type { EngineKind, EngineState } from "../../core/mod.ts";
import type { WebDeps } from "../deps.ts";
import type { RequestContext } from "../routes.ts";

export interface DoctorReport {
  readonly version: string;
  /** How far the wall clock went ahead of the time that has passed since the start. */
  readonly clockMovedMs: number;
  /** Settings that wait for the next start. */
  readonly later: readonly string[];
  readonly engines: readonly {
    readonly name: string;
    readonly kind: EngineKind;
    readonly state: EngineState;
    /** Why it last failed. */
    readonly error: {
      readonly code: string;
      readonly title: string;
      readonly remedy: string;
    } | null;
  }[];
}

/** `wallLessClockMs`: as it was at the start. */
export async function answerDoctor(
  c: RequestContext,
  { clock, config, supervisor, version }: WebDeps,
  wallLessClockMs: number,
): Promise<Response> {
  const report: DoctorReport = {
    version,
    clockMovedMs: Math.round(clock.wall() - clock.now() - wallLessClockMs),
    later: (await config()).later,
    engines: supervisor.views().map(({ name, kind, state, lastError }) => ({
      name,
      kind,
      state,
      error: lastError === null ? null : {
        code: lastError.code,
        title: lastError.title,
        remedy: lastError.remedy,
      },
    })),
  };
  return c.json(report);
}
