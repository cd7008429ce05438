/**
 * docs/cli.md, from the same table as the help. A test compares the two.
 *
 * @module
 */
import type { Command, CommandFlag } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT_CODES, exitCodesOf } from "./exit_codes.ts";
import { flagUsage, usageLine } from "./help.ts";
import { type Topic, TOPIC_TEXTS } from "./help_topics.ts";
import { GLOBAL_FLAGS } from "./serve_flags.ts";
import { wrap } from "./text.ts";

/** Prose of the documents is wrapped here. */
const WIDTH = 100;

const INTRODUCTION = `# The command line

Written by \`cliReference()\` of src/cli from the table of commands; do not edit.

Without a command, \`ai-engine\` is \`ai-engine serve\`. The other commands talk to the running
supervisor over its control socket.`;

/** The whole of docs/cli.md. */
export function cliReference(): string {
  const sections = [
    INTRODUCTION,
    `## Flags that every command takes\n\n${flagTable(GLOBAL_FLAGS)}`,
    ...COMMANDS.map(commandSection),
    topicSection("output"),
    topicSection("environment"),
    `## Exit codes\n\n${exitCodeTable()}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function topicSection(topic: Topic): string {
  const { title, blocks } = TOPIC_TEXTS[topic];
  const texts = blocks.map((block) =>
    typeof block === "string" ? wrapped(block) : block.map(listItem).join("\n")
  );
  return [`## ${title}`, ...texts].join("\n\n");
}

function wrapped(text: string): string {
  return wrap(text, { width: WIDTH, indent: "" }).join("\n");
}

function listItem(text: string): string {
  return `- ${wrap(text, { width: WIDTH, indent: "  " }).join("\n").trimStart()}`;
}

function commandSection(command: Command): string {
  const { name, summary, flags, details, examples, json } = command;
  const width = Math.max(...examples.map(({ line }) => line.length));
  const blocks = [
    `## ${name}`,
    `${summary}.`,
    codeBlock("text", [usageLine(command)]),
    ...(flags.length === 0 ? [] : [flagTable(flags)]),
    ...(details.length === 0 ? [] : [wrapped(details.join(" "))]),
    ...(json === undefined ? [] : [wrapped(`With \`--json\`: ${inMarkdown(json)}.`)]),
    `[Exit codes](#exit-codes): ${exitCodesOf(name).join(", ")}.`,
    codeBlock("sh", examples.map(({ line, says }) => `${line.padEnd(width)}  # ${says}`)),
  ];
  return blocks.join("\n\n");
}

/** A document in front of the words about it is code. */
function inMarkdown(json: string): string {
  return json.replace(/^\{[^}]*\}/, "`$&`");
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
