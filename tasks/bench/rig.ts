/** What is measured, and what is there to measure it with. */
import { dirname } from "@std/path";
import { chooseEngine, type HostFacts } from "../../src/config/mod.ts";
import { systemFiles } from "../../src/platform/mod.ts";
import { setUpBrowser } from "../support/browser.ts";
import { runCommand } from "../support/command.ts";
import { missing, type Part, ready } from "../support/part.ts";
import { setUpPython } from "../support/python_env.ts";
import { inRoot, ROOT } from "../support/root.ts";
import { executableName, isTarget } from "../support/targets.ts";
import { buildCTools, type CTools } from "./c_tools.ts";
import { absent, type Column, type Row } from "./row.ts";
import type { RigOptions } from "./run_bench.ts";
import type { Yard } from "./yard.ts";

/** One way of running the program. */
export interface Subject {
  readonly kind: "source" | "executable";
  /** Program and first arguments. */
  readonly argv: readonly [string, ...string[]];
}

/** An engine as the program is told to take it, and as it would start it. */
export interface EngineChoice {
  readonly name: "python" | "builtin";
  /** Arguments of `serve`. */
  readonly flags: readonly string[];
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
}

/** The ways of running the program that are measured. */
export interface Subjects {
  readonly yard: Yard;
  readonly source: Subject;
  readonly executable: Part;
}

export interface Rig extends Subjects {
  /** Fewer and shorter rounds. */
  readonly isQuick: boolean;
  /** The folder of our Python engine. */
  readonly python: Part;
  readonly browser: Part;
  readonly cTools: CTools;
  /** Put before a command that has to stay on one core; empty where there is no `taskset`. */
  readonly oneCore: readonly string[];
}

/** Sets up what can be set up; what is missing says why. */
export async function setUpRig(yard: Yard, options: RigOptions): Promise<Rig> {
  return {
    yard,
    isQuick: options.isQuick,
    source: fromSource(Deno.execPath()),
    executable: await findExecutable(options.executable),
    python: await setUpPython(),
    browser: await setUpBrowser(),
    cTools: await buildCTools(),
    oneCore: await findOneCore(),
  };
}

/** The program from source, on the Deno at `deno`. */
export function fromSource(deno: string): Subject {
  return { kind: "source", argv: [deno, "run", "--quiet", "-A", inRoot("main.ts")] };
}

/** Measures each way of running the program that is there; a failure stays within its column. */
export async function inColumns(
  rig: Subjects,
  measure: (subject: Subject) => Promise<Column>,
): Promise<Pick<Row, "source" | "executable">> {
  const { source, executable } = rig;
  return {
    source: await orAbsent(rig, () => measure(source)),
    executable: executable.kind === "missing"
      ? absent(executable.why)
      : await orAbsent(rig, () => measure({ kind: "executable", argv: [executable.path] })),
  };
}

/** The column, or why there is none. */
export async function orAbsent(rig: Subjects, measure: () => Promise<Column>): Promise<Column> {
  try {
    return await measure();
  } catch (error) {
    if (rig.yard.isClosed) throw error;
    console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    return absent(`failed: ${message.split("\n")[0]}`);
  }
}

/** The command line of the supervisor with this engine. */
export function serveArgv(subject: Subject, engine: EngineChoice): readonly string[] {
  return [...subject.argv, "serve", "--listen", "127.0.0.1:0", ...engine.flags];
}

/** The engine as the program itself would start it. Throws `ConfigError` when it is not there. */
export async function pickEngine(
  name: "python" | "builtin",
  { rig, subject }: { readonly rig: Rig; readonly subject: Subject },
): Promise<EngineChoice> {
  const pythonDir = rig.python.kind === "ready" ? rig.python.path : null;
  const { engine } = await chooseEngine({
    name: null,
    program: name === "python" ? { kind: "python", setting: "--engine" } : { kind: "builtin" },
    pythonDir,
    settings: {},
  }, { files: systemFiles, host: hostOf(subject) });
  const { command, environment: { set: environment } } = engine;
  const directory = name === "python" && pythonDir !== null ? ["--python-dir", pythonDir] : [];
  return { name, flags: ["--engine", name, ...directory], command, environment };
}

function hostOf(subject: Subject): HostFacts {
  return {
    os: Deno.build.os,
    arch: Deno.build.arch,
    standalone: subject.kind === "executable",
    programDir: subject.kind === "source" ? ROOT : dirname(subject.argv[0]),
    pathDirs: [],
    builtinArgv: [...subject.argv, "__engine"],
  };
}

/** The executable that was given, else the one in dist/ for this machine. */
export async function findExecutable(given: string | undefined): Promise<Part> {
  const target: string = Deno.build.target;
  if (!isTarget(target)) return missing(`no executable for ${target}`);
  const path = given ?? inRoot("dist", executableName(target));
  const info = await Deno.stat(path).catch(() => null);
  if (info?.isFile === true) return ready(await Deno.realPath(path));
  return missing(given === undefined ? "not built" : `${given} is not there`);
}

/** What keeps a command on the first core; nothing where there is no `taskset`. */
export async function findOneCore(): Promise<readonly string[]> {
  const pin = ["taskset", "-c", "0"] as const;
  const { code } = await runCommand([...pin, "true"]);
  return code === 0 ? pin : [];
}
