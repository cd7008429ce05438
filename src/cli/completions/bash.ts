import type { Completes } from "../command.ts";
import {
  COMPLETABLE_COMMANDS,
  COMPLETABLE_GLOBALS,
  type CompletableCommand,
  type CompletableFlag,
} from "../completion_model.ts";
import { NAMES_ARGUMENT } from "../words.ts";

/** For bash 3.2 and later, without the package bash-completion. */
export function bashCompletions(): string {
  const globalValues = COMPLETABLE_GLOBALS.filter(({ takesValue }) => takesValue);
  const skipped = globalValues.flatMap(({ spellings }) => spellings).join("|");
  return `# Completion of ai-engine for bash: eval "$(ai-engine completions bash)"
_ai_engine() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  local program=\${COMP_WORDS[0]} command= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${skipped}) ((i++)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command:$before in
${globalValues.map((flag) => valueCase("*", flag)).join("\n")}
${COMPLETABLE_COMMANDS.flatMap(({ name, flags }) => valueCases(name, flags)).join("\n")}
  esac
  case $command in
    '') _ai_engine_words ${words(COMPLETABLE_COMMANDS.map(({ name }) => name))}${flagWords([])} ;;
${COMPLETABLE_COMMANDS.map(commandCase).join("\n")}
  esac
}
# Flags where one is begun, else the other words.
_ai_engine_words() {
  local all= one
  for one; do
    case $one:$word in -*:-*|[!-]*:[!-]*|[!-]*:) all="$all $one" ;; esac
  done
  COMPREPLY=(\${COMPREPLY[@]+"\${COMPREPLY[@]}"} $(compgen -W "$all" -- "$word"))
}
_ai_engine_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$word"))
}
_ai_engine_names() {
  _ai_engine_words $("$program" ${NAMES_ARGUMENT} 2>/dev/null)
}
complete -F _ai_engine ai-engine
`;
}

function commandCase({ name, flags, completes }: CompletableCommand): string {
  const more = flags.flatMap(({ spellings }) => spellings);
  const typed = Array.isArray(completes) ? words(completes) : "";
  const others = completes === "file"
    ? `if [[ $word != -* ]]; then _ai_engine_files; return; fi; `
    : completes === "engine"
    ? "_ai_engine_names; "
    : "";
  return `    ${name}) ${others}_ai_engine_words ${typed}${flagWords(more)} ;;`;
}

function valueCases(command: string, flags: readonly CompletableFlag[]): string[] {
  return flags.filter(({ takesValue }) => takesValue).map((flag) => valueCase(command, flag));
}

function valueCase(command: string, { spellings, completes }: CompletableFlag): string {
  const patterns = spellings.map((spelling) => `${command}:${spelling}`).join("|");
  return `    ${patterns}) ${valueAction(completes)}return ;;`;
}

function valueAction(completes: Completes | null): string {
  if (completes === null) return "";
  if (completes === "file") return "_ai_engine_files; ";
  if (completes === "engine") return "_ai_engine_names; ";
  return `_ai_engine_words ${words(completes)}; `;
}

function flagWords(more: readonly string[]): string {
  const all = [...more, ...COMPLETABLE_GLOBALS.flatMap(({ spellings }) => spellings)];
  return ` ${words(all)}`;
}

function words(all: readonly string[]): string {
  return all.join(" ");
}
