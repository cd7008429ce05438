/** Sockets and ports: what is there, and whose it is. */
import { checkSocketPath, type Settings } from "../config/mod.ts";
import { AiEngineError, type Examination, formatAddress } from "../core/mod.ts";
import type { DoctorDeps, DoctorPlaces } from "./doctor_deps.ts";
import { type Finding, note, ok, wrong } from "./doctor_finding.ts";
import type { SupervisorExamination } from "./doctor_supervisor.ts";

type Socket = DoctorPlaces["sockets"][number];

/** Those of engines and of `--listen`; the control socket is the supervisor's. */
export async function examineSockets(
  { machine }: DoctorDeps,
  { sockets, control }: DoctorPlaces,
  { isRunning }: SupervisorExamination,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const socket of sockets) {
    const flaw = await placeFlaw(machine, socket);
    if (flaw !== null) findings.push(wrong("sockets", flaw.message, flaw.remedy));
    else if (socket.path !== control) {
      findings.push(...await examineOne(machine, socket, isRunning));
    }
  }
  return findings.length > 0 ? findings : [ok("sockets", `${sockets.length} paths`)];
}

/** Why there can be no socket; `null` = there can. */
async function placeFlaw(
  machine: Examination,
  { path, setting }: Socket,
): Promise<AiEngineError | null> {
  return tooLong(path, setting) ??
    (isNamed(setting) ? await machine.socketFolder(path, setting) : null);
}

/** Nothing where it is free, or the running supervisor's. */
async function examineOne(
  machine: Examination,
  { path, role, setting }: Socket,
  isRunning: boolean,
): Promise<readonly Finding[]> {
  const fix = `or set ${setting} to another path.`;
  const state = await machine.socket(path);
  if (state === "foreign" || state === "unseen") {
    const says = `${path}, for ${role}, is taken by something that is no socket of yours.`;
    return [wrong("sockets", says, `Remove it, ${fix}`)];
  }
  if (isRunning || state === "missing") return [];
  if (state === "answered") {
    const says = `Another program answers on ${path}, which is for ${role}.`;
    return [wrong("sockets", says, `Stop it, ${fix}`)];
  }
  const says = `${path}, for ${role}, was left by a program that was killed.`;
  return [note("sockets", says, "Nothing: the next start removes it.")];
}

/** Whether a person has named it. */
function isNamed(setting: string): boolean {
  return setting.startsWith("--");
}

function tooLong(path: string, setting: string): AiEngineError | null {
  try {
    checkSocketPath(path, setting);
    return null;
  } catch (error) {
    if (error instanceof AiEngineError) return error;
    throw error;
  }
}

export async function examinePorts(
  { machine }: DoctorDeps,
  { listen }: Settings,
  { isRunning, pid }: SupervisorExamination,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const address of listen) {
    // Port 0 is any that is free.
    if (address.kind !== "tcp" || address.port === 0) continue;
    const name = formatAddress(address);
    const state = await machine.port(address);
    if (state.kind === "free") findings.push(ok("port", `${name} is free`));
    else if (state.kind === "unusable") {
      const says = `${name} can't be listened on: ${state.why}.`;
      findings.push(wrong("port", says, "Set --listen to another address."));
    } else if (isRunning && (state.pid === pid || state.pid === null)) {
      findings.push(ok("port", `${name} is the supervisor's`));
    } else {
      const who = state.program === null ? "another program" : `${state.program} (${state.pid})`;
      const fix = "Stop that program, or set --listen to another address.";
      findings.push(wrong("port", `${name} is held by ${who}.`, fix));
    }
  }
  return findings;
}
