import type { CommandName } from "./command.ts";

/** Every exit code and what it means (contract section 5). */
export const EXIT_CODES: readonly { readonly code: number; readonly meaning: string }[] = [
  { code: 0, meaning: "Done; for `serve`: closed, and every engine is gone" },
  { code: 1, meaning: "The command or the engine failed" },
  { code: 2, meaning: "Usage error, or an input that no engine takes" },
  { code: 3, meaning: "`status`: a named or the only engine is not ready" },
  { code: 4, meaning: "The supervisor can't be reached" },
  { code: 5, meaning: "No such engine" },
  { code: 6, meaning: "A setting can't be used, or the engine's program is missing" },
  { code: 7, meaning: "Timed out" },
  { code: 8, meaning: "Refused for where the request came from, or for want of a token" },
  { code: 9, meaning: "`serve`: the address is in use" },
  { code: 10, meaning: "`serve`: a supervisor runs already" },
  { code: 11, meaning: "Not everything was closed" },
  { code: 130, meaning: "A command was interrupted (Ctrl-C)" },
  { code: 143, meaning: "A command was terminated (SIGTERM)" },
];

/** What a command that asks the supervisor may end with. */
const OF_CLIENTS = [0, 1, 2, 4, 6, 8, 130, 143];

const OF_COMMANDS: Readonly<Record<CommandName, readonly number[]>> = {
  serve: [0, 1, 2, 6, 9, 10, 11],
  shutdown: [...OF_CLIENTS, 11],
  send: [...OF_CLIENTS, 5, 7],
  start: [...OF_CLIENTS, 5, 7],
  stop: [...OF_CLIENTS, 5],
  restart: [...OF_CLIENTS, 5, 7],
  ps: OF_CLIENTS,
  status: [...OF_CLIENTS, 3, 5],
  logs: [...OF_CLIENTS, 5],
  events: [...OF_CLIENTS, 5],
  requests: [...OF_CLIENTS, 5],
  metrics: OF_CLIENTS,
  config: OF_CLIENTS,
  doctor: [0, 1, 2, 6],
  ui: [...OF_CLIENTS, 5],
  completions: [0, 2],
  man: [0, 2],
  help: [0, 2],
  version: [0, 2],
};

/** What a command may end with, in order. */
export function exitCodesOf(command: CommandName): readonly number[] {
  return OF_COMMANDS[command].toSorted((a, b) => a - b);
}
