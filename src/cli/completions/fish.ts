import type { Completes } from "../command.ts";
import {
  COMPLETABLE_COMMANDS,
  COMPLETABLE_GLOBALS,
  type CompletableFlag,
} from "../completion_model.ts";
import { NAMES_ARGUMENT } from "../words.ts";

export function fishCompletions(): string {
  const lines = [
    "# Completion of ai-engine for fish: ~/.config/fish/completions/ai-engine.fish",
    "function __ai_engine_names",
    "  set -l program (commandline -opc)[1]",
    `  $program ${NAMES_ARGUMENT} 2>/dev/null`,
    "end",
    "complete -c ai-engine -f",
    ...COMPLETABLE_GLOBALS.map((flag) => flagLine(flag, null)),
    ...COMPLETABLE_COMMANDS.map(({ name, summary }) =>
      `complete -c ai-engine -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`
    ),
    ...COMPLETABLE_COMMANDS.flatMap(({ name, flags, completes }) => [
      ...flags.map((flag) => flagLine(flag, name)),
      ...(completes === null ? [] : [`complete -c ai-engine ${seen(name)} ${values(completes)}`]),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function flagLine(flag: CompletableFlag, command: string | null): string {
  const { spellings, summary, takesValue, completes } = flag;
  const words = spellings.map((spelling) =>
    spelling.startsWith("--") ? `-l ${spelling.slice(2)}` : `-s ${spelling.slice(1)}`
  );
  // -r needs a value, -x one that is no file.
  const needs = completes === "file" ? " -r" : " -x";
  const value = takesValue ? `${needs}${completes === null ? "" : ` ${values(completes)}`}` : "";
  const where = command === null ? "" : ` ${seen(command)}`;
  return `complete -c ai-engine${where} ${words.join(" ")}${value} -d ${quoted(summary)}`;
}

function seen(command: string): string {
  return `-n "__fish_seen_subcommand_from ${command}"`;
}

function values(completes: Completes): string {
  if (completes === "file") return "-F";
  if (completes === "engine") return `-a "(__ai_engine_names)"`;
  return `-a ${quoted(completes.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
