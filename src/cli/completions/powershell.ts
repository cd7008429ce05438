import type { Completes } from "../command.ts";
import {
  COMPLETABLE_COMMANDS,
  COMPLETABLE_GLOBALS,
  type CompletableFlag,
} from "../completion_model.ts";
import { NAMES_ARGUMENT } from "../words.ts";

/** For PowerShell 5.1 and later. Files are completed by PowerShell itself where nothing is offered. */
export function powershellCompletions(): string {
  return `# Completion of ai-engine for PowerShell: ai-engine completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ai-engine -ScriptBlock {
  param($word, $ast, $cursor)
  $everywhere = ${flagList(COMPLETABLE_GLOBALS)}
  $commands = @{
${
    COMPLETABLE_COMMANDS.map(({ name, flags, completes }) =>
      `    ${quoted(name)} = @{ flags = ${flagList(flags)}; words = ${wordList(completes)} }`
    ).join("\n")
  }
  }
  $values = @{
${valueLines().join("\n")}
  }
  $typed = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } |
    Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  $command = $typed | Where-Object { $commands.ContainsKey($_) } | Select-Object -First 1
  $before = $typed | Select-Object -Last 1
  $offered = if ($before -and $values.ContainsKey("\${command}:$before")) { $values["\${command}:$before"] }
    elseif ($before -and $values.ContainsKey(":$before")) { $values[":$before"] }
    elseif ($word.StartsWith('-')) { $everywhere + $(if ($command) { $commands[$command].flags }) }
    elseif ($command) { $commands[$command].words }
    else { @($commands.Keys | Sort-Object) }
  if ($offered -contains '<engine>') { $offered = @(ai-engine ${NAMES_ARGUMENT} 2>$null) }
  $offered | Where-Object { $_ -and $_.StartsWith($word) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}

function valueLines(): string[] {
  const line = (command: string, flag: CompletableFlag) =>
    flag.spellings.map((spelling) =>
      `    ${quoted(`${command}:${spelling}`)} = ${wordList(flag.completes)}`
    );
  const withValue = (flags: readonly CompletableFlag[]) =>
    flags.filter(({ takesValue }) => takesValue);
  return [
    ...withValue(COMPLETABLE_GLOBALS).flatMap((flag) => line("", flag)),
    ...COMPLETABLE_COMMANDS.flatMap(({ name, flags }) =>
      withValue(flags).flatMap((flag) => line(name, flag))
    ),
  ];
}

function flagList(flags: readonly CompletableFlag[]): string {
  return list(flags.flatMap(({ spellings }) => spellings));
}

function wordList(completes: Completes | null): string {
  if (completes === "engine") return list(["<engine>"]);
  return list(typeof completes === "object" && completes !== null ? completes : []);
}

function list(words: readonly string[]): string {
  return `@(${words.map(quoted).join(", ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
