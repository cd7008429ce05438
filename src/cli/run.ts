/**
 * The command line: from words to an exit code.
 *
 * @module
 */
import {
  CONFIG_FLAG,
  configFile,
  type ConfigPlace,
  findConfigPlace,
  readControl,
  readSettings,
  SETTING_NAMES,
  type SettingName,
  type SettingSources,
} from "../config/mod.ts";
import type { CliDeps } from "./cli_deps.ts";
import { findCommand, type Invocation, parseCommandLine } from "./parse_command_line.ts";
import { tellProblem, toProblem } from "./problem.ts";
import type { ClientCommandName } from "./run_client.ts";
import { Screen } from "./screen.ts";

/** Runs the command that `argv` names. Never rejects: what goes wrong is said on stderr. */
export async function run(argv: readonly string[], deps: CliDeps): Promise<number> {
  const { stdout, stderr, env, clock } = deps;
  const screen = new Screen({ stdout, stderr, env, clock, json: hasJson(argv) });
  try {
    return await dispatch(parseCommandLine(argv), { deps, screen });
  } catch (error) {
    return await tellProblem(screen, toProblem(error));
  }
}

interface RunContext {
  readonly deps: CliDeps;
  readonly screen: Screen;
}

/** A supervisor that runs for years keeps nothing of the other commands in memory. */
async function dispatch(invocation: Invocation, context: RunContext): Promise<number> {
  const { deps, screen } = context;
  const { name } = invocation.command;
  switch (name) {
    case "serve":
      return await serve(invocation, deps);
    case "help": {
      const { renderHelp } = await import("./help.ts");
      const [topic] = invocation.args;
      await screen.print(...renderHelp(screen, topic === undefined ? null : findCommand(topic)));
      return 0;
    }
    case "config": {
      const { runConfig } = await import("./config_command.ts");
      const place = configPlaceOf(invocation, deps);
      const sources = sourcesOf(invocation, deps);
      const reload = () => runClientCommand("reload", invocation, context);
      return await runConfig({ args: invocation.args, deps, screen, sources, place, reload });
    }
    case "version":
      await printVersion(context);
      return 0;
    default:
      return await runClientCommand(name, invocation, context);
  }
}

async function runClientCommand(
  name: ClientCommandName,
  invocation: Invocation,
  { deps, screen }: RunContext,
): Promise<number> {
  const { runClient } = await import("./run_client.ts");
  const control = await findControl(invocation, deps);
  return await runClient(name, { invocation, deps, screen, control });
}

/** Reads no file unless there is one, and then not in this process. */
async function serve(invocation: Invocation, deps: CliDeps): Promise<number> {
  const sources = sourcesOf(invocation, deps);
  const place = configPlaceOf(invocation, deps);
  const isThere = place !== null && (place.setting !== null || await deps.isThere(place.path));
  const loaded = isThere ? await deps.loadConfig(place, sources) : null;
  return await deps.serve({
    ...(loaded ?? { requested: readSettings(sources), file: null }),
    sources,
    place,
  });
}

/** Where the supervisor listens for commands; `null` = where it is by default. */
async function findControl(invocation: Invocation, deps: CliDeps): Promise<string | null> {
  const control = readControl(sourcesOf(invocation, deps));
  if (control !== null) return control;
  const place = configPlaceOf(invocation, deps);
  const bytes = place === null ? null : await deps.readConfig(place);
  if (place === null || bytes === null) return null;
  // Few files name it, and for those that don't what reads them is not worth loading.
  if (!new TextDecoder().decode(bytes).includes("control")) return null;
  const { readControlOf } = await configFile();
  return readControlOf(bytes, { path: place.path, env: deps.env });
}

/** Where the configuration file is, or would be. Throws `ConfigError`. */
function configPlaceOf({ flags }: Invocation, { env, cwd, isRoot }: CliDeps): ConfigPlace | null {
  return findConfigPlace({ config: flags.get(CONFIG_FLAG.name) ?? [], env, cwd, isRoot });
}

async function printVersion({ deps, screen }: RunContext): Promise<void> {
  const { version, deno, arch, os } = deps.version;
  if (screen.json) await screen.printJson({ version, deno, arch, os });
  else await screen.print(`ai-engine ${version} (deno ${deno}, ${arch}-${os})`);
}

/** The settings among the flags, and the environment. */
function sourcesOf({ flags }: Invocation, { env, cwd }: CliDeps): SettingSources {
  const given: Partial<Record<SettingName, readonly string[]>> = {};
  for (const name of SETTING_NAMES) {
    const values = flags.get(name);
    if (values !== undefined) given[name] = values;
  }
  return { flags: given, env, cwd };
}

/** Whether errors are to be documents, also those about the command line itself. */
function hasJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
}
