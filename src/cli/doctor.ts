/**
 * `doctor`: looks at all that has to be right for the program to run, with a supervisor or without, and says
 * what is wrong and what to do about it.
 *
 * @module
 */
import { document } from "./document.ts";
import { type ConfigSources, examineConfig } from "./doctor_config.ts";
import type { DoctorDeps } from "./doctor_deps.ts";
import { examineFolders } from "./doctor_folders.ts";
import type { Finding, Verdict } from "./doctor_finding.ts";
import {
  examineCgroups,
  examineClock,
  examineLimits,
  examinePythons,
  examineTokens,
} from "./doctor_machine.ts";
import { examinePorts, examineSockets } from "./doctor_places.ts";
import { examineSupervisor } from "./doctor_supervisor.ts";
import type { Screen, Style } from "./screen.ts";
import { oneLine, wrap } from "./text.ts";

export interface DoctorRun extends ConfigSources {
  readonly screen: Screen;
}

const STYLES: Readonly<Record<Verdict, Style>> = { ok: "green", note: "yellow", wrong: "red" };

/** 1 when anything is wrong. */
export async function runDoctor(run: DoctorRun): Promise<number> {
  const { deps, screen } = run;
  const found = await screen.during("Looking", examine(run, await deps.examine()));
  const home = deps.env["HOME"] ?? "";
  const findings = found.map((finding) => withoutHome(finding, home));
  const count = findings.filter(({ verdict }) => verdict === "wrong").length;
  if (screen.json) {
    const { version, deno, arch, os } = deps.version;
    await screen.printJson(document({ version, deno, arch, os, wrong: count, findings }));
  } else await screen.print(...render(findings, screen), "", summary(count));
  return count === 0 ? 0 : 1;
}

async function examine(run: DoctorRun, doctor: DoctorDeps): Promise<readonly Finding[]> {
  const { deps } = run;
  const config = await examineConfig(run);
  const { settings } = config;
  const places = await doctor.places(settings);
  const supervisor = await examineSupervisor(deps, doctor, places);
  return [
    ...config.findings,
    ...await examinePythons(doctor, settings),
    ...await examineTokens(doctor, settings),
    ...await examineFolders(doctor, places),
    ...await examineSockets(doctor, places, supervisor),
    ...await examinePorts(doctor, settings, supervisor),
    ...examineCgroups(doctor, settings, supervisor.pid),
    ...await examineLimits(doctor, settings, supervisor.pid),
    await examineClock(doctor, deps.clock),
    ...supervisor.findings,
  ];
}

/** Nobody's name goes into an issue. */
function withoutHome(finding: Finding, home: string): Finding {
  if (home === "" || home === "/") return finding;
  const short = (text: string) => text.replaceAll(home, "~");
  const { says, fix } = finding;
  return { ...finding, says: short(says), fix: fix === null ? null : short(fix) };
}

function render(findings: readonly Finding[], screen: Screen): string[] {
  const widest = Math.max(...findings.map(({ check }) => check.length));
  const indent = " ".repeat("wrong  ".length + widest + 2);
  const width = Math.min(screen.columns, 100);
  return findings.flatMap(({ check, verdict, says, fix }) => {
    const [first = "", ...more] = wrap(oneLine(says), { width, indent });
    const head = `${screen.paint(STYLES[verdict], verdict.padEnd(5))}  ${check.padEnd(widest)}  `;
    const tries = fix === null ? [] : wrap(`try: ${oneLine(fix)}`, { width, indent });
    return [head + first.trimStart(), ...more, ...tries];
  });
}

function summary(wrong: number): string {
  if (wrong === 0) return "Nothing is wrong.";
  return wrong === 1 ? "One thing is wrong." : `${wrong} things are wrong.`;
}
