/**
 * Which engine runs (contract section 3): the one that was asked for, or the best there is.
 *
 * @module
 */
import { basename, join } from "@std/path";
import { ConfigError, type Files, toEngineName } from "../core/mod.ts";
import { describeFlaw, findPython, findSidecar, type HostFacts, Search } from "./find_program.ts";
import type { EngineRequest, RequestedSettings } from "./read_settings.ts";
import {
  ENGINE_DEFAULTS,
  type EngineSettings,
  LOG_DEFAULTS,
  ROUTING_DEFAULTS,
  type Settings,
} from "./settings.ts";

/** Something to tell about a choice that was made. */
export interface ConfigNotice {
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
}

export interface ChooseDeps {
  readonly files: Files;
  readonly host: HostFacts;
}

type Program = Pick<EngineSettings, "name" | "kind" | "command" | "environment">;

/** Finds the engine and gives the whole settings. Throws `ConfigError`. */
export async function resolveSettings(
  requested: RequestedSettings,
  deps: ChooseDeps,
): Promise<{ readonly settings: Settings; readonly notices: readonly ConfigNotice[] }> {
  const { engine, notices } = await chooseEngine(requested, deps);
  return {
    settings: {
      listen: requested.listen,
      control: requested.control,
      engines: [engine],
      logs: { ...LOG_DEFAULTS, ...requested.logs },
      access: requested.access,
      routing: ROUTING_DEFAULTS,
    },
    notices,
  };
}

/**
 * The engine to run: what `--engine` names; without it the sidecar, else Python, else the built-in
 * engine with a notice. Throws `ConfigError`: `binary_missing` names every path that was tried.
 */
export async function chooseEngine(
  requested: Pick<RequestedSettings, "engine" | "pythonDir" | "limits">,
  deps: ChooseDeps,
): Promise<{ readonly engine: EngineSettings; readonly notices: readonly ConfigNotice[] }> {
  const search = new Search(deps.files);
  const program = await findProgram(requested, search, deps.host);
  const chosen = program ?? builtinProgram(deps.host);
  return {
    engine: {
      ...ENGINE_DEFAULTS,
      // Ours always answer; another program may have good reason not to.
      liveness: chosen.kind === "command" ? "off" : "restart",
      ...requested.limits,
      ...chosen,
    },
    notices: program === undefined ? [builtinNotice(search.tried)] : [],
  };
}

/** `undefined` only when nothing was asked for and nothing was found. */
async function findProgram(
  requested: Pick<RequestedSettings, "engine" | "pythonDir">,
  search: Search,
  host: HostFacts,
): Promise<Program | undefined> {
  const { engine, pythonDir } = requested;
  switch (engine.kind) {
    case "builtin":
      return builtinProgram(host);
    case "path":
      return await findCommand(engine, { search, host, pythonDir });
    case "auto":
      return await findOurPython(search, { host, pythonDir });
    case "python": {
      const program = await findOurPython(search, { host, pythonDir });
      if (program !== undefined) return program;
      throw missing(engine.setting, "is python, and no Python engine was found", {
        tried: search.tried,
        remedy: "Give --python-dir (AI_ENGINE_PYTHON_DIR) the folder engine/python of the " +
          "source, put the sidecar beside the program, or take --engine builtin.",
      });
    }
  }
}

function builtinProgram(host: HostFacts): Program {
  return { name: "builtin", kind: "builtin", command: host.builtinArgv, environment: {} };
}

/** The sidecar, else a Python with our package. */
async function findOurPython(
  search: Search,
  options: { readonly host: HostFacts; readonly pythonDir: string | null },
): Promise<Program | undefined> {
  const { host } = options;
  const sidecar = await findSidecar(search, host);
  if (sidecar !== undefined) return pythonProgram([sidecar]);
  const sourceDir = host.standalone ? null : join(host.programDir, "engine", "python");
  const pythonDir = options.pythonDir ?? sourceDir;
  if (pythonDir === null) return undefined;
  if (!await search.has(join(pythonDir, "ai_engine", "__main__.py"))) return undefined;
  // A folder nobody named counts only with its own environment: elsewhere its needs are not met.
  const pathDirs = options.pythonDir === null ? [] : host.pathDirs;
  const python = await findPython(search, { pythonDir, pathDirs });
  if (python === undefined) return undefined;
  // Safe path: what lies in the working directory must not stand in for a package.
  return pythonProgram([python, "-m", "ai_engine"], {
    PYTHONPATH: pythonDir,
    PYTHONSAFEPATH: "1",
  });
}

function pythonProgram(
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>> = {},
): Program {
  return { name: "python", kind: "python", command, environment };
}

/** `--engine PATH`; a `.py` file runs with the Python that is found. */
async function findCommand(
  request: Extract<EngineRequest, { kind: "path" }>,
  options: {
    readonly search: Search;
    readonly host: HostFacts;
    readonly pythonDir: string | null;
  },
): Promise<Program> {
  const { path, setting } = request;
  const { search, host, pythonDir } = options;
  const isScript = /\.py$/i.test(path);
  const flaw = describeFlaw(await search.info(path));
  if (flaw === "missing") {
    throw missing(setting, "names a program that is not there", {
      tried: [path],
      remedy: "Correct the path, or take --engine builtin or --engine python.",
    });
  }
  if (flaw !== null && !(isScript && flaw === "not executable")) throw unfit(request, flaw);
  const name = toEngineName(basename(path));
  if (!isScript) return { name, kind: "command", command: [path], environment: {} };
  const python = await findPython(search, { pythonDir, pathDirs: host.pathDirs });
  if (python !== undefined) {
    return { name, kind: "command", command: [python, path], environment: {} };
  }
  throw missing(setting, `names ${path}, and no Python was found to run it`, {
    tried: search.tried,
    remedy: "Install Python 3.11 or newer so that python3 is on the PATH, or give --python-dir " +
      "(AI_ENGINE_PYTHON_DIR) a folder with a .venv.",
  });
}

function missing(
  setting: string,
  what: string,
  options: { readonly tried: readonly string[]; readonly remedy: string },
): ConfigError {
  return new ConfigError("binary_missing", {
    detail: `${setting} ${what}; tried: ${options.tried.join(", ") || "nothing"}.`,
    remedy: options.remedy,
  });
}

function unfit(request: { readonly path: string; readonly setting: string }, flaw: string) {
  const { path, setting } = request;
  return new ConfigError("config_invalid", {
    detail: `${setting} names ${path}, which is ${flaw}, but a program is expected.`,
    remedy: flaw === "not executable"
      ? `Make it executable with: chmod +x ${path}`
      : "Name the program itself.",
  });
}

function builtinNotice(tried: readonly string[]): ConfigNotice {
  return {
    title: "Built-in engine",
    detail: `No Python engine was found, so the built-in engine runs, which echoes what it is ` +
      `sent; tried: ${tried.join(", ")}.`,
    remedy: "Give --python-dir the folder engine/python of the source for the Python engine, or " +
      "--engine builtin to choose this one.",
  };
}
