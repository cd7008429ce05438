/**
 * The manual page, from the table of commands: roff with the macros of man(7).
 *
 * @module
 */
import type { Command, CommandFlag } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT_CODES, exitCodesOf } from "./exit_codes.ts";
import { flagUsage, usageLine } from "./help.ts";
import { type Topic, TOPIC_TEXTS, toPlainText } from "./help_topics.ts";
import { GLOBAL_FLAGS } from "./serve_flags.ts";

/** ai-engine(1). */
export function manPage(version: string): string {
  const lines = [
    `.TH AI-ENGINE 1 "" "ai-engine ${text(version)}"`,
    ".SH NAME",
    "ai-engine \\- starts a local AI engine when it is needed, and stops it when it is not",
    ".SH SYNOPSIS",
    ...COMMANDS.flatMap((command, i) => [...(i === 0 ? [] : [".br"]), bold(usageLine(command))]),
    ".SH DESCRIPTION",
    "Without a command, ai-engine is ai-engine serve.",
    "The other commands talk to the running supervisor over its control socket.",
    ".SH OPTIONS",
    ...GLOBAL_FLAGS.flatMap(flagLines),
    ".SH COMMANDS",
    ...COMMANDS.flatMap(commandLines),
    ...topicLines("output"),
    ...topicLines("environment"),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(({ code, meaning }) => [".TP", bold(String(code)), text(`${meaning}.`)]),
  ];
  return `${lines.join("\n")}\n`;
}

function commandLines({ name, summary, flags, details, examples }: Command): string[] {
  return [
    `.SS ${text(name)}`,
    text(`${summary}.`),
    ...details.flatMap((detail) => [".PP", text(detail)]),
    ...(name === "config" ? [".PP", "It takes the flags of serve."] : flags.flatMap(flagLines)),
    ".PP",
    `Exit codes: ${exitCodesOf(name).join(", ")}.`,
    ".PP",
    ".EX",
    ...examples.map(({ line, says }) => text(`${line}  # ${says}`)),
    ".EE",
  ];
}

function flagLines(flag: CommandFlag): string[] {
  const { summary, variable, fallback } = flag;
  const also = [
    ...(variable === undefined ? [] : [variable]),
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
  ];
  const more = also.length === 0 ? "" : ` (${also.join("; ")})`;
  return [".TP", bold(flagUsage(flag)), text(`${summary}${more}.`)];
}

function topicLines(topic: Topic): string[] {
  const { title, blocks } = TOPIC_TEXTS[topic];
  const lines = blocks.flatMap((block) =>
    typeof block === "string"
      ? [".PP", text(block)]
      : block.flatMap((item) => [".IP \\(bu 2", text(item)])
  );
  return [`.SH ${title.toUpperCase()}`, ...lines];
}

function bold(words: string): string {
  return `\\fB${text(words)}\\fR`;
}

/** What roff takes for itself is escaped, so that it prints what stands there. */
function text(markdown: string): string {
  const safe = toPlainText(markdown).replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replaceAll("…", "...").replaceAll("→", "\\->");
  return /^[.']/.test(safe) ? `\\&${safe}` : safe;
}
