/**
 * Help, from the table of commands.
 *
 * @module
 */
import type { Command, CommandFlag } from "./command.ts";
import { HELP_LINES } from "./commands.ts";
import { exitCodesOf } from "./exit_codes.ts";
import { type Topic, TOPIC_TEXTS, toPlainText } from "./help_topics.ts";
import type { Screen } from "./screen.ts";
import { GLOBAL_FLAGS } from "./serve_flags.ts";
import { alignColumns, wrap } from "./text.ts";
import { TOPICS } from "./words.ts";

const WIDTH = 80;
const INDENT = "  ";

/** Help on a command; on the program when there is none. */
export function renderHelp(screen: Screen, command: Command | null): string[] {
  return command === null ? programHelp(screen) : commandHelp(screen, command);
}

/** On one screen of 24 lines. */
function programHelp(screen: Screen): string[] {
  const title = (text: string) => screen.paint("bold", text);
  const lines = alignColumns(HELP_LINES.map(({ names, says }) => [names.join(", "), says]));
  const groups = [...new Set(HELP_LINES.map(({ group }) => group))].flatMap((group) => [
    title(group),
    ...lines.filter((_, i) => HELP_LINES[i]?.group === group).map((line) => INDENT + line),
  ]);
  return [
    "Starts a local AI engine when it is needed, and stops it when it is not.",
    "",
    ...alignColumns([
      ["ai-engine", "run it, pages on http://127.0.0.1:7411"],
      ['ai-engine send "hello"', "ask the engine; it is started if it has to be"],
      ["ai-engine ps", "show what runs"],
    ]).map((line) => INDENT + line),
    "",
    ...groups,
    `${title("Flags")}  --json  --color WHEN  --config PATH  --control PATH  -h  -V`,
    `${title("More")}   ai-engine help COMMAND, or ${TOPICS.join(", ")}`,
  ];
}

function commandHelp(screen: Screen, command: Command): string[] {
  const title = (text: string) => screen.paint("bold", text);
  const width = widthOn(screen);
  const flagLines = (flag: CommandFlag) => linesOfFlag(flag, width);
  const { name, summary, examples, flags, details, json } = command;
  const sections = [
    [...wrap(`${summary}.`, { width, indent: "" })],
    [title("Usage"), `${INDENT}${usageLine(command)}`],
    [title("Examples"), ...examples.flatMap((one) => linesOfExample(one, width))],
    flags.length === 0 ? [] : [title("Flags"), ...flags.flatMap(flagLines)],
    [title("Everywhere"), ...GLOBAL_FLAGS.flatMap(flagLines)],
    [
      ...details,
      ...(json === undefined ? [] : [`--json: ${toPlainText(json)}.`]),
      `Exit codes: ${exitCodesOf(name).join(", ")} (ai-engine help exit-codes).`,
    ].flatMap((text) => wrap(text, { width, indent: "" })),
  ];
  return sections.filter((lines) => lines.length > 0)
    .flatMap((lines, i) => i === 0 ? lines : ["", ...lines]);
}

/** What there is to know besides the commands. */
export function renderTopic(screen: Screen, topic: Topic): string[] {
  const { title, blocks } = TOPIC_TEXTS[topic];
  const width = widthOn(screen);
  const lines = blocks.flatMap((block) => [
    "",
    ...(typeof block === "string"
      ? wrap(toPlainText(block), { width, indent: "" })
      : block.flatMap((item) => wrap(toPlainText(item), { width, indent: INDENT }))),
  ]);
  return [screen.paint("bold", title), ...lines];
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

function widthOn(screen: Screen): number {
  return Math.min(WIDTH, screen.columns);
}

function linesOfFlag(flag: CommandFlag, width: number): string[] {
  const also = [
    ...(flag.variable === undefined ? [] : [flag.variable]),
    ...(flag.fallback === undefined ? [] : [`default: ${flag.fallback}`]),
  ];
  const text = `${flag.summary}${also.length === 0 ? "" : ` (${also.join("; ")})`}`;
  return [INDENT + flagUsage(flag), ...wrap(text, { width, indent: INDENT.repeat(3) })];
}

function linesOfExample({ line, says }: Command["examples"][number], width: number): string[] {
  return [`${INDENT}${line}`, ...wrap(says, { width, indent: INDENT.repeat(3) })];
}
