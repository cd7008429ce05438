/** Python, cgroups, limits and the clock. */
import { isPacked, type Settings } from "../config/mod.ts";
import { AiEngineError, type Clock } from "../core/mod.ts";
import type { DoctorDeps } from "./doctor_deps.ts";
import { type Finding, note, ok, wrong } from "./doctor_finding.ts";

/** What our engine can't do without, and what it only needs for models. */
const NEEDED_PACKAGES = ["starlette", "hypercorn"];
const MODEL_PACKAGES = ["xllamacpp"];

/** The oldest that our engine runs on. */
const OLDEST_PYTHON = [3, 11] as const;

/** A supervisor and an engine with its libraries take about so many. */
const FEW_THREADS = 128;

/** Fewer than that many browsers and clients are soon too many. */
const FEW_CONNECTIONS = 64;

const DAY_MS = 86_400_000;

export async function examinePythons(
  { machine }: DoctorDeps,
  { engines }: Settings,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const { command, kind, environment } of engines) {
    const [path, option, module] = command;
    if (kind !== "python" || seen.has(path)) continue;
    seen.add(path);
    if (isPacked({ command })) findings.push(ok("python", "the engine is in this program"));
    else if (option !== "-m" || module !== "ai_engine") findings.push(ok("python", path));
    else {
      const folder = environment.set["PYTHONPATH"] ?? null;
      const packages = [...NEEDED_PACKAGES, ...MODEL_PACKAGES];
      findings.push(toFinding(path, await machine.python(path, { folder, packages })));
    }
  }
  return findings;
}

type PythonState = Awaited<ReturnType<DoctorDeps["machine"]["python"]>>;

function toFinding(path: string, state: PythonState): Finding {
  if (state.kind === "broken") {
    return wrong("python", `${path} does not run: ${state.why}.`, "Install Python 3.11 or newer.");
  }
  const { version, missing } = state;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1])) {
    const says = `${path} is Python ${version}, which is too old for the engine.`;
    return wrong("python", says, "Install Python 3.11 or newer.");
  }
  const install = `${path} -m pip install ${missing.join(" ")}`;
  const needed = missing.filter((name) => NEEDED_PACKAGES.includes(name));
  if (needed.length > 0) {
    return wrong("python", `${path} can't import ${needed.join(", ")}.`, install);
  }
  if (missing.length === 0) return ok("python", `${version}, ${path}`);
  const says = `${path} can't import ${missing.join(", ")}: no model can be served.`;
  return note("python", says, install);
}

/** `pid`: the running supervisor's; what it may need not be what we may. */
export function examineCgroups(
  { machine }: DoctorDeps,
  { engines }: Settings,
  pid: number | null,
): readonly Finding[] {
  const cgroup = machine.cgroup(pid);
  if (cgroup.kind === "none") {
    return [note(
      "cgroups",
      `Engines get none: ${cgroup.why}. A process of theirs that leaves its session and empties ` +
        "its environment is found by nobody, and lives on.",
      "Run the supervisor as root, or as a service of systemd with Delegate=yes.",
    )];
  }
  const limited = engines.filter(({ memory }) => memory.maxBytes !== null);
  if (cgroup.limitsMemory || limited.length === 0) return [ok("cgroups", cgroup.path)];
  const names = limited.map(({ name }) => name).join(", ");
  return [note(
    "cgroups",
    `There is no memory controller in ${cgroup.path}: the memory of ${names} is looked at once a ` +
      "second instead of being held by the kernel.",
    "Hand the controller on, with Delegate=yes where systemd starts the supervisor.",
  )];
}

export async function examineLimits(
  { machine, connections }: DoctorDeps,
  { tls }: Settings,
  pid: number | null,
): Promise<readonly Finding[]> {
  const { descriptors, threadsLeft, pidsLeft } = await machine.limits(pid);
  const served = connections(descriptors, { speaksTls: tls !== null });
  const more = "Raise the limit before the supervisor is started (ulimit -n, LimitNOFILE=).";
  const findings = [
    served.lack === null
      ? ok("descriptors", String(descriptors))
      : (served.connections < FEW_CONNECTIONS ? wrong : note)("descriptors", served.lack, more),
  ];
  const left = Math.min(threadsLeft, pidsLeft);
  if (left >= FEW_THREADS) return [...findings, ok("processes", "room for more")];
  const [whose, fix] = pidsLeft < threadsLeft
    ? [
      "The cgroup lets in",
      "Raise its pids.max (TasksMax= of a service, --pids-limit of a container).",
    ]
    : ["This user may have", "End some, or raise the limit (ulimit -u, LimitNPROC=)."];
  const says = `${whose} ${Math.max(left, 0)} more processes and threads.`;
  return [...findings, wrong("processes", says, fix)];
}

export async function examineClock({ machine }: DoctorDeps, clock: Clock): Promise<Finding> {
  const madeAt = await machine.programMadeAt();
  const now = clock.wall();
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  if (madeAt === null || now > madeAt - DAY_MS) return ok("clock", new Date(now).toISOString());
  return wrong(
    "clock",
    `It says ${day(now)}, but this program was made on ${day(madeAt)}.`,
    "Set it: timedatectl set-ntp true.",
  );
}

export async function examineTokens(
  { readTokens }: DoctorDeps,
  { access: { tokenFile } }: Settings,
): Promise<readonly Finding[]> {
  if (tokenFile === null) return [];
  try {
    await readTokens(tokenFile);
    return [ok("tokens", tokenFile)];
  } catch (error) {
    if (!(error instanceof AiEngineError)) throw error;
    return [wrong("tokens", error.message, error.remedy)];
  }
}
