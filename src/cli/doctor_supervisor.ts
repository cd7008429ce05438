/** The supervisor, where one runs: whether it answers, what it is, and what it says of itself. */
import { formatDuration } from "../core/mod.ts";
import type { DoctorReport } from "../web/mod.ts";
import type { CliDeps } from "./cli_deps.ts";
import type { DoctorDeps } from "./doctor_deps.ts";
import { compareVersions } from "./version_notice.ts";
import { type Finding, note, ok, wrong } from "./doctor_finding.ts";

/** A supervisor that is well answers at once. */
const LIMIT_MS = 3_000;

/** From here on a clock that was set is worth a word. */
const CLOCK_MOVED_MS = 5_000;

export interface SupervisorExamination {
  readonly findings: readonly Finding[];
  readonly isRunning: boolean;
  /** `null` where none runs, or it can't be told. */
  readonly pid: number | null;
}

export interface SupervisorPlace {
  readonly control: string;
  readonly runtimeDir: string;
}

export async function examineSupervisor(
  deps: CliDeps,
  { machine }: DoctorDeps,
  { control, runtimeDir }: SupervisorPlace,
): Promise<SupervisorExamination> {
  const socket = await machine.socket(control);
  const holder = await machine.lockHolder(runtimeDir);
  const pid = holder?.pid ?? null;
  if (socket === "answered") {
    const findings = await ask(deps, control);
    return { findings, isRunning: true, pid };
  }
  const one = (finding: Finding) => ({ findings: [finding], isRunning: holder !== null, pid });
  if (holder !== null) {
    const who = pid === null ? "A process" : `Process ${pid}`;
    const state = socket === "missing" ? "is gone" : "is not one that it answers on";
    return one(wrong(
      "supervisor",
      `${who} is a supervisor in ${runtimeDir}, but its control socket ${control} ${state}.`,
      pid === null
        ? "Name its socket with --control, or end it and start it again."
        : `Name its socket with --control, or end it (kill ${pid}) and start it again.`,
    ));
  }
  if (socket === "stale") {
    const says = `${control} was left by a supervisor that was killed.`;
    return one(note("supervisor", says, "Nothing: the next start removes it."));
  }
  if (socket === "missing") return one(ok("supervisor", "none runs"));
  const says = `${control} is ${socket === "unseen" ? "hidden from you" : "no socket of yours"}.`;
  return one(wrong("supervisor", says, "Remove it, or name another path with --control."));
}

async function ask(deps: CliDeps, control: string): Promise<readonly Finding[]> {
  const client = await deps.connect(control);
  const options = { limitMs: LIMIT_MS };
  try {
    const answer = await client.request({ method: "GET", target: "/api/doctor" }, options);
    if (answer.status === 200) return told(answer.json as DoctorReport, deps.version.version);
    // An older one does not have it.
    const health = await client.request({ method: "GET", target: "/health" }, options);
    const { version } = health.json as { readonly version?: unknown };
    return [versionFinding(String(version), deps.version.version)];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const fix = "See its log; if it hangs, end it and start it again.";
    return [wrong("supervisor", `It does not answer as it should: ${why}`, fix)];
  } finally {
    client.close();
  }
}

function told(report: DoctorReport, own: string): readonly Finding[] {
  const { version, clockMovedMs, later, engines } = report;
  return [
    versionFinding(version, own),
    ...Math.abs(clockMovedMs) < CLOCK_MOVED_MS ? [] : [clockMoved(clockMovedMs)],
    ...later.length === 0 ? [] : [changesLater(later)],
    ...engines.map(engineFinding),
  ];
}

function versionFinding(supervisor: string, own: string): Finding {
  if (supervisor === own) return ok("supervisor", `${supervisor}, as this command line`);
  const [older, newer] = compareVersions(own, supervisor) < 0
    ? ["This command line", "the running supervisor"]
    : ["The running supervisor", "this command line"];
  return wrong(
    "versions",
    `${older} is older than ${newer}: the command line is ${own}, the supervisor ${supervisor}.`,
    "Run the same program for both: close the supervisor (ai-engine shutdown) and start the newer one.",
  );
}

function clockMoved(ms: number): Finding {
  const moved = `${formatDuration(Math.abs(ms))} ${ms > 0 ? "forward" : "back"}`;
  return note(
    "clock",
    `Since the supervisor began, the clock was set ${moved}, or the machine slept; limits are not affected.`,
    null,
  );
}

function changesLater(later: readonly string[]): Finding {
  const says = `The configuration has changes that wait for the next start: ${later.join(", ")}.`;
  return note("config", says, "Start the supervisor again when it suits.");
}

function engineFinding({ name, kind, state, error }: DoctorReport["engines"][number]): Finding {
  const check = `engine ${name}`;
  if (error === null || (state !== "failed" && state !== "backoff")) {
    return ok(check, `${kind}, ${state}`);
  }
  return wrong(check, `It is ${state}: ${error.title} (${error.code}).`, error.remedy);
}
