/**
 * docs/cli.md, from the same table as the help. A test compares the two.
 *
 * @module
 */
import { type Command, type CommandFlag, COMMANDS, GLOBAL_FLAGS } from "./commands.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { flagUsage, usageLine } from "./help.ts";
import { wrap } from "./text.ts";

/** Prose of the documents is wrapped here. */
const WIDTH = 100;

const INTRODUCTION = `# The command line

Written by \`cliReference()\` of src/cli from the table of commands; do not edit.

Without a command, \`ai-engine\` is \`ai-engine serve\`. The other commands talk to the running
supervisor over its control socket.`;

const OUTPUT = `## Output

Data goes to stdout, everything else to stderr. An error is three lines: \`error:\` what happened,
\`cause:\` why, \`try:\` what to do next; below them stand the engine's last output lines if it has any.
With \`--json\` stdout holds exactly one document, with the field names of the API, and an error is
one problem object on stderr, a line for each engine that failed. \`start\`, \`stop\`, \`restart\` and
\`status\` give \`{"engines":[…]}\`, \`send\` gives the engine's own answer. Help is always text.

What takes over a second shows its progress on stderr when that is a terminal. Piped output has no
colour and is never cut to a width.`;

const ENVIRONMENT = `## Environment

Every setting of \`serve\`, and \`--control\`, is also a variable; the tables above name it. The flag
wins, the variable beats the configuration file, and an empty variable counts as not set.
\`AI_ENGINE_LISTEN\` has commas between several addresses, so a path with a comma in it has to be a
\`--listen\`; that stands instead of them all.

- \`NO_COLOR\`, when not empty: no colour. \`TERM=dumb\`: no colour and no progress.
- \`XDG_CONFIG_HOME\`: the [configuration file](config.md) is \`ai-engine/config.yaml\` in it; without
  it in \`~/.config\`, for root without a home in \`/etc\`.
- \`XDG_RUNTIME_DIR\`: the sockets are in its folder \`ai-engine\`; without it in \`/run/ai-engine\` for
  root, else in \`/tmp/ai-engine-UID\`.
- \`XDG_STATE_HOME\`: what engines print is written to \`ai-engine/logs/NAME.log\` in it; without it in
  \`~/.local/state\`. Only this user can read it; 10 MiB a file, the five before it are kept as
  \`NAME.log.1\` to \`NAME.log.5\`, in all no more than 50 MiB.
- \`AI_ENGINE_SOCKET\`, \`AI_ENGINE_FRAMES\` and \`AI_ENGINE_RUN\` exist only in the environment of an
  engine: where it has to listen, where it may offer [direct calls](frames.md), and which run it
  belongs to.`;

/** The whole of docs/cli.md. */
export function cliReference(): string {
  const sections = [
    INTRODUCTION,
    `## Flags that every command takes\n\n${flagTable(GLOBAL_FLAGS)}`,
    ...COMMANDS.map(commandSection),
    OUTPUT,
    ENVIRONMENT,
    `## Exit codes\n\n${exitCodeTable()}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function commandSection(command: Command): string {
  const { name, summary, flags, details, examples } = command;
  const width = Math.max(...examples.map(({ line }) => line.length));
  const blocks = [
    `## ${name}`,
    `${summary}.`,
    codeBlock("text", [usageLine(command)]),
    ...(flags.length === 0 ? [] : [flagTable(flags)]),
    ...(details.length === 0
      ? []
      : [wrap(details.join(" "), { width: WIDTH, indent: "" }).join("\n")]),
    codeBlock("sh", examples.map(({ line, says }) => `${line.padEnd(width)}  # ${says}`)),
  ];
  return blocks.join("\n\n");
}

function codeBlock(language: string, lines: readonly string[]): string {
  return ["```" + language, ...lines, "```"].join("\n");
}

function flagTable(flags: readonly CommandFlag[]): string {
  const rows = flags.map((flag) => [
    `\`${flagUsage(flag)}\``,
    `${flag.summary}.`,
    flag.variable === undefined ? "" : `\`${flag.variable}\``,
    flag.fallback ?? "",
  ]);
  const hasMore = flags.some((flag) => flag.variable !== undefined);
  const head = ["flag", "what it does", "variable", "default"];
  return table([head, ...rows].map((row) => hasMore ? row : row.slice(0, 2)));
}

function exitCodeTable(): string {
  const rows = EXIT_CODES.map(({ code, meaning }) => [String(code), meaning]);
  return table([["code", "meaning"], ...rows]);
}

/** A Markdown table as `deno fmt` wants it; the first row is its head. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const [head = [], ...rest] = cells;
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => (row[i] ?? "").length)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, i) => (row[i] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rest.map(line)].join("\n");
}
