/**
 * Which engine runs (contract section 3): the one that was asked for, or the best there is.
 *
 * @module
 */
import { basename, join } from "@std/path";
import { ConfigError, type Files, toEngineName } from "../core/mod.ts";
import {
  describeFlaw,
  findPython,
  findSidecar,
  type HostFacts,
  lookAt,
  Search,
  sidecarName,
} from "./find_program.ts";
import { modelOfFile, modelsOfFile } from "./gguf.ts";
import { quote } from "./quote.ts";
import type { EngineRequest, RequestedEngine, RequestedSettings } from "./read_settings.ts";
import {
  COMMAND_DEFAULTS,
  ENGINE_DEFAULTS,
  type EngineSettings,
  GGUF_DEFAULTS,
  OWN_DEFAULTS,
  REMOTE_DEFAULTS,
  type Settings,
} from "./settings.ts";

/** The model that our Python engine comes with. */
export const BOX_MODEL = "all-MiniLM-L6-v2";

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

/** A program that was found; its environment is added to what it inherits. */
interface Program extends Pick<EngineSettings, "name" | "kind" | "command"> {
  readonly environment?: Readonly<Record<string, string>>;
}

/** Stands for the command of an engine that is in the executable, until it is unpacked. */
const PACKED = "packed:";

type CommandRequest = Extract<EngineRequest, { kind: "command" }>;

/** Whether its program is in the executable. */
export function isPacked({ command: [program] }: Pick<EngineSettings, "command">): boolean {
  return program.startsWith(PACKED);
}

/** Finds the engines and gives the whole settings. Throws `ConfigError`. */
export async function resolveSettings(
  requested: RequestedSettings,
  deps: ChooseDeps,
): Promise<{ readonly settings: Settings; readonly notices: readonly ConfigNotice[] }> {
  const [first, ...others] = requested.engines;
  const chosen = await chooseEngine(first, deps);
  const more = [];
  for (const other of others) more.push(await chooseEngine(other, deps));
  return {
    settings: { ...requested, engines: [chosen.engine, ...more.map(({ engine }) => engine)] },
    notices: [chosen, ...more].flatMap(({ notices }) => notices),
  };
}

/**
 * The engine to run: what was asked for; when nothing was, the sidecar, else Python, else the built-in
 * engine with a notice. Throws `ConfigError`: `binary_missing` names every path that was tried.
 */
export async function chooseEngine(
  requested: RequestedEngine,
  deps: ChooseDeps,
): Promise<{ readonly engine: EngineSettings; readonly notices: readonly ConfigNotice[] }> {
  const search = new Search(deps.files);
  const program = await findProgram(requested, search, deps.host);
  const chosen = program ?? builtinProgram(deps.host);
  const { name, settings } = requested;
  await checkAuthority(settings, deps.files);
  const model = await findModel(requested, deps.files);
  return {
    engine: {
      ...ENGINE_DEFAULTS,
      // Ours start soon and always answer; another program may have good reason not to.
      ...defaultsOf(chosen.kind),
      ...(model === null ? {} : GGUF_DEFAULTS),
      ...settings,
      ...chosen,
      models: model === null
        ? settings.models ?? boxModels(chosen, name)
        : modelsOfFile(model, settings.models ?? []),
      ...(settings.remote ? { replicas: { min: settings.remote.servers.length, max: null } } : {}),
      name: name ?? chosen.name,
      environment: {
        ...(settings.environment ?? ENGINE_DEFAULTS.environment),
        set: {
          ...chosen.environment,
          ...(model === null ? {} : environmentOf(model)),
          ...settings.environment?.set,
        },
      },
    },
    notices: program === undefined ? [builtinNotice(search.tried)] : [],
  };
}

/** Throws `ConfigError` when the certificates of a remote engine are not there. */
async function checkAuthority(
  { remote }: RequestedEngine["settings"],
  files: Files,
): Promise<void> {
  const ca = remote?.ca ?? null;
  if (ca === null) return;
  const info = await lookAt(files, ca);
  if (info !== null && info !== "unseen") return;
  throw new ConfigError("config_invalid", {
    detail: `ca names ${ca}, which is ${info === null ? "not there" : describeFlaw(info)}.`,
    remedy: "Name a file with certificates (PEM), or leave ca out for the system's.",
  });
}

/** What the Python engine comes with, where no file says what it serves. */
function boxModels(
  { kind, name }: Program,
  named: RequestedEngine["name"],
): EngineSettings["models"] {
  if (kind !== "python" || named !== null) return [];
  return [{ name: BOX_MODEL, aliases: [name], upstreamModel: BOX_MODEL }];
}

/** The GGUF file of an engine; `null` when it has none. Throws `ConfigError` when it is not there. */
async function findModel(
  { program, settings: { model = null } }: RequestedEngine,
  files: Files,
): Promise<string | null> {
  if (model === null || program.kind !== "python") return null;
  const info = await lookAt(files, model);
  if (info !== "unseen" && (info?.kind === "file" || info?.kind === "symlink")) return model;
  throw new ConfigError("config_invalid", {
    detail: `${program.setting} names the model ${model}, which is ` +
      `${info === null ? "not there" : describeFlaw(info) ?? "not a file"}.`,
    remedy: "Name a GGUF file; nothing is downloaded.",
  });
}

/** What the Python engine is told of its file. */
function environmentOf(model: string): Readonly<Record<string, string>> {
  return { AI_ENGINE_MODEL_PATH: model, AI_ENGINE_MODEL_NAME: modelOfFile(model) };
}

function defaultsOf(kind: EngineSettings["kind"]): Partial<EngineSettings> {
  if (kind === "remote") return REMOTE_DEFAULTS;
  return kind === "command" ? COMMAND_DEFAULTS : OWN_DEFAULTS;
}

/** `undefined` only when nothing was asked for and nothing was found. */
async function findProgram(
  { program, pythonDir, settings: { model = null } }: RequestedEngine,
  search: Search,
  host: HostFacts,
): Promise<Program | undefined> {
  switch (program.kind) {
    case "builtin":
      return builtinProgram(host);
    // What stands for its command is where it is.
    case "remote":
      return { name: "remote", kind: "remote", command: [program.url] };
    case "command":
      return await findCommand(program, { search, host, pythonDir });
    case "auto":
      return await findOurPython(search, { host, pythonDir });
    case "python": {
      const found = await findOurPython(search, { host, pythonDir });
      if (found !== undefined) return found;
      const what = model === null
        ? "is python, and no Python engine was found"
        : "needs the Python engine, and none was found";
      throw missing(program.setting, what, {
        tried: search.tried,
        remedy: "Give --python-dir (AI_ENGINE_PYTHON_DIR) the folder engine/python of the " +
          "source, put the sidecar beside the program, or take --engine builtin.",
      });
    }
  }
}

function builtinProgram(host: HostFacts): Program {
  return { name: "builtin", kind: "builtin", command: host.builtinArgv };
}

/** The sidecar, beside the program or in it, else a Python with our package. */
async function findOurPython(
  search: Search,
  options: { readonly host: HostFacts; readonly pythonDir: string | null },
): Promise<Program | undefined> {
  const { host } = options;
  const sidecar = await findSidecar(search, host);
  if (sidecar !== undefined) return pythonProgram([sidecar]);
  // A folder that somebody named comes before what everybody has.
  if (host.hasPackedEngine === true && options.pythonDir === null) {
    return pythonProgram([PACKED + sidecarName(host)]);
  }
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

/** A program with its arguments; a `.py` file runs with the Python that is found. */
async function findCommand(
  request: CommandRequest,
  options: {
    readonly search: Search;
    readonly host: HostFacts;
    readonly pythonDir: string | null;
  },
): Promise<Program> {
  const { setting, command: [named, ...args] } = request;
  const { search, host, pythonDir } = options;
  const path = named.includes("/") ? named : await findOnPath(request, search, host);
  const isScript = /\.py$/i.test(path);
  const flaw = describeFlaw(await search.lookAt(path));
  if (flaw === "missing") {
    throw missing(setting, "names a program that is not there", {
      tried: [path],
      remedy: "Correct the path, or take --engine builtin or --engine python.",
    });
  }
  if (flaw !== null && !(isScript && flaw === "not executable")) {
    throw unfit(path, setting, flaw);
  }
  const name = toEngineName(basename(path));
  if (!isScript) return { name, kind: "command", command: [path, ...args] };
  const python = await findPython(search, { pythonDir, pathDirs: host.pathDirs });
  if (python !== undefined) {
    return { name, kind: "command", command: [python, path, ...args] };
  }
  throw missing(setting, `names ${path}, and no Python was found to run it`, {
    tried: search.tried,
    remedy: "Install Python 3.11 or newer so that python3 is on the PATH, or give --python-dir " +
      "(AI_ENGINE_PYTHON_DIR) a folder with a .venv.",
  });
}

async function findOnPath(
  { command: [name], setting }: CommandRequest,
  search: Search,
  { pathDirs }: HostFacts,
): Promise<string> {
  for (const dir of pathDirs) {
    const path = join(dir, name);
    if (await search.hasProgram(path)) return path;
  }
  throw missing(setting, `names ${quote(name)}, which is not on the PATH`, {
    tried: search.tried,
    remedy: "Install it, or name it with its path.",
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

function unfit(path: string, setting: string, flaw: string): ConfigError {
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
