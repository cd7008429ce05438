/**
 * Every command but a plain `serve`, which comes here only to be told why it failed.
 *
 * @module
 */
import { configFile, readControl } from "../config/mod.ts";
import type { CliDeps } from "./cli_deps.ts";
import { type ColourWish, readColourWish } from "./colours.ts";
import type { Invocation } from "./command.ts";
import { configPlaceOf, sourcesOf } from "./given_settings.ts";
import { type CommandLine, parseCommandLine } from "./parse_command_line.ts";
import { tellProblem, toProblem } from "./problem.ts";
import type { ClientCommandName } from "./run_client.ts";
import { Screen } from "./screen.ts";
import { serve } from "./serve_command.ts";
import { NAMES_ARGUMENT } from "./words.ts";

interface RunContext {
  readonly deps: CliDeps;
  readonly screen: Screen;
}

/** Runs the command that `argv` names. Never rejects: what goes wrong is said on stderr. */
export async function runCommand(argv: readonly string[], deps: CliDeps): Promise<number> {
  if (argv[0] === NAMES_ARGUMENT) {
    const { printNames } = await import("./completions_command.ts");
    return await printNames(deps, () => findControl({ args: [], flags: new Map() }, deps));
  }
  let screen = openScreen(argv, deps);
  try {
    const line = parseCommandLine(argv);
    screen = openScreen(argv, deps, readColourWish(line.flags.get("color")));
    return await dispatch(line, { deps, screen });
  } catch (error) {
    return await tellProblem(screen, toProblem(error));
  }
}

/** Says why `argv` failed; gives the exit code. */
export function tellFailure(
  error: unknown,
  argv: readonly string[],
  deps: CliDeps,
): Promise<number> {
  return tellProblem(openScreen(argv, deps), toProblem(error));
}

function openScreen(
  argv: readonly string[],
  { stdout, stderr, env, clock }: CliDeps,
  colour: ColourWish = "auto",
): Screen {
  return new Screen({ stdout, stderr, env, clock, colour, json: hasJson(argv) });
}

async function dispatch(line: CommandLine, context: RunContext): Promise<number> {
  const { deps, screen } = context;
  const { args, command: { name } } = line;
  switch (name) {
    case "serve":
      return await serve(line, deps);
    case "help":
      return await (await import("./help_command.ts")).help(screen, args);
    case "version":
      await printVersion(context);
      return 0;
    case "completions":
      return await (await import("./completions_command.ts")).completions(screen, args);
    case "man": {
      const { manPage } = await import("./man_page.ts");
      await screen.print(manPage(deps.version.version).trimEnd());
      return 0;
    }
    case "config": {
      const { runConfig } = await import("./config_command.ts");
      const place = configPlaceOf(line, deps);
      const sources = sourcesOf(line, deps);
      const reload = () => runClientCommand("reload", line, context);
      return await runConfig({ args, deps, screen, sources, place, reload });
    }
    case "doctor": {
      const { runDoctor } = await import("./doctor.ts");
      const sources = sourcesOf(line, deps);
      return await runDoctor({ deps, screen, sources, findPlace: () => configPlaceOf(line, deps) });
    }
    default:
      return await runClientCommand(name, line, context);
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

/** Where the supervisor listens for commands; `null` = where it is by default. */
async function findControl(
  invocation: Invocation,
  deps: CliDeps,
): Promise<string | null> {
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

async function printVersion({ deps, screen }: RunContext): Promise<void> {
  const { version, deno, arch, os } = deps.version;
  if (screen.json) await screen.printJson({ version, deno, arch, os });
  else await screen.print(`ai-engine ${version} (deno ${deno}, ${arch}-${os})`);
}

/** Whether errors are to be documents, also those about the command line itself. */
function hasJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
}
