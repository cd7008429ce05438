/**
 * Help, from the table of commands.
 *
 * @module
 */
import { type Command, type CommandFlag, COMMANDS, GLOBAL_FLAGS } from "./commands.ts";
import type { Screen } from "./screen.ts";
import { alignColumns, wrap } from "./text.ts";

const WIDTH = 80;
const INDENT = "  ";

/** Help on a command; on the program when there is none. */
export function renderHelp(screen: Screen, command: Command | null): string[] {
  return command === null ? programHelp(screen) : commandHelp(screen, command);
}

function programHelp(screen: Screen): string[] {
  const title = (text: string) => screen.paint("bold", text);
  const names = alignColumns(COMMANDS.map(({ name, summary }) => [name, summary]));
  const groups = ["Run", "Use", "About"].flatMap((group) => [
    title(group),
    ...names.filter((_, i) => COMMANDS[i]?.group === group).map((line) => INDENT + line),
  ]);
  return [
    "Starts a local AI engine when it is needed, and stops it when it is not.",
    "",
    ...alignColumns([
      ["ai-engine", "run it, pages on http://127.0.0.1:7411"],
      ['ai-engine send "hello"', "ask the engine; it is started if it has to be"],
      ["ai-engine status", "show what runs"],
    ]).map((line) => INDENT + line),
    "",
    ...groups,
    title("Flags"),
    `${INDENT}${GLOBAL_FLAGS.map(flagUsage).join("  ")}`,
    "",
    "More: ai-engine help COMMAND, docs/cli.md",
  ];
}

function commandHelp(screen: Screen, command: Command): string[] {
  const title = (text: string) => screen.paint("bold", text);
  const sections = [
    [...wrap(`${command.summary}.`, { width: WIDTH, indent: "" })],
    [title("Usage"), `${INDENT}${usageLine(command)}`],
    [title("Examples"), ...command.examples.flatMap(({ line, says }) => exampleLines(line, says))],
    command.flags.length === 0 ? [] : [title("Flags"), ...command.flags.flatMap(flagLines)],
    [title("Everywhere"), ...GLOBAL_FLAGS.flatMap(flagLines)],
    command.details.flatMap((text) => wrap(text, { width: WIDTH, indent: "" })),
  ];
  return sections.filter((lines) => lines.length > 0)
    .flatMap((lines, i) => i === 0 ? lines : ["", ...lines]);
}

/** The command with what it takes, e.g. `ai-engine send [-e NAME] TEXT|@FILE|-`. */
export function usageLine({ name, args, flags }: Command): string {
  const takes = flags.length > 3
    ? ["[FLAGS]"]
    : flags.map(({ name, short, value }) =>
      `[${short === undefined ? `--${name}` : `-${short}`}${
        value === undefined ? "" : ` ${value}`
      }]`
    );
  return ["ai-engine", name, ...takes, args.usage].filter((word) => word !== "").join(" ");
}

/** A flag as it is written, e.g. `-e, --engine NAME`. */
export function flagUsage({ name, short, value }: CommandFlag): string {
  const words = `${short === undefined ? "" : `-${short}, `}--${name}`;
  return value === undefined ? words : `${words} ${value}`;
}

function flagLines(flag: CommandFlag): string[] {
  const also = [
    ...(flag.variable === undefined ? [] : [flag.variable]),
    ...(flag.fallback === undefined ? [] : [`default: ${flag.fallback}`]),
  ];
  const text = `${flag.summary}${also.length === 0 ? "" : ` (${also.join("; ")})`}`;
  return [INDENT + flagUsage(flag), ...wrap(text, { width: WIDTH, indent: INDENT.repeat(3) })];
}

function exampleLines(line: string, says: string): string[] {
  return [`${INDENT}${line}`, ...wrap(says, { width: WIDTH, indent: INDENT.repeat(3) })];
}
