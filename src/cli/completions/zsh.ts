import type { Completes } from "../command.ts";
import {
  COMPLETABLE_COMMANDS,
  COMPLETABLE_GLOBALS,
  type CompletableCommand,
  type CompletableFlag,
} from "../completion_model.ts";
import { NAMES_ARGUMENT } from "../words.ts";

/** A function that lies in a folder of fpath, or is read by a shell where compinit has run. */
export function zshCompletions(): string {
  return `#compdef ai-engine
# Completion of ai-engine for zsh: in a folder of fpath, as _ai-engine
_ai_engine_names() {
  local -a names
  names=(\${(f)"$($words_program ${NAMES_ARGUMENT} 2>/dev/null)"})
  (( \${#names} )) && compadd -a names
}
_ai_engine() {
  local words_program=$words[1] curcontext=$curcontext state line
  local -a everywhere commands
  everywhere=(
${COMPLETABLE_GLOBALS.flatMap(specs).map((spec) => `    ${spec}`).join("\n")}
  )
  commands=(
${COMPLETABLE_COMMANDS.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
  )
  _arguments -C -S $everywhere '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
${COMPLETABLE_COMMANDS.map(commandCase).join("\n")}
      esac ;;
  esac
}
if [[ $funcstack[1] == _ai-engine ]]; then _ai_engine "$@"; else compdef _ai_engine ai-engine; fi
`;
}

function commandCase({ name, flags, completes }: CompletableCommand): string {
  const args = completes === null ? [] : [quoted(`*:argument:${action(completes)}`)];
  const all = ["$everywhere", ...flags.flatMap(specs), ...args];
  return `        ${name}) _arguments -S ${all.join(" ")} ;;`;
}

/** One for each spelling; those of a flag without a value stand aside for each other. */
function specs({ spellings, summary, takesValue, completes }: CompletableFlag): string[] {
  const value = takesValue ? `:value:${completes === null ? " " : action(completes)}` : "";
  return spellings.map((spelling) =>
    quoted(
      `${takesValue ? "*" : `(${spellings.join(" ")})`}${spelling}[${escaped(summary)}]${value}`,
    )
  );
}

function action(completes: Completes): string {
  if (completes === "file") return "_files";
  if (completes === "engine") return "_ai_engine_names";
  return `(${completes.join(" ")})`;
}

/** Brackets and colons mean something to _arguments. */
function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
