/** The commands that talk to a running supervisor. */
import type { CliDeps } from "./cli_deps.ts";
import type { ClientContext } from "./client_context.ts";
import { restart, start, status, stop } from "./engine_commands.ts";
import type { Invocation } from "./parse_command_line.ts";
import { reload } from "./reload_command.ts";
import type { Screen } from "./screen.ts";
import { send } from "./send_command.ts";
import { shutdown } from "./shutdown_command.ts";

/** `reload` is `config reload`. */
const CLIENT_COMMANDS = {
  start,
  stop,
  restart,
  status,
  send,
  shutdown,
  reload,
} as const satisfies Readonly<Record<string, (context: ClientContext) => Promise<number>>>;

export type ClientCommandName = keyof typeof CLIENT_COMMANDS;

const INTERRUPTED_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

export interface ClientRun {
  readonly invocation: Invocation;
  readonly deps: CliDeps;
  readonly screen: Screen;
  /** The control socket. */
  readonly control: Parameters<CliDeps["connect"]>[0];
}

/** Runs the command `name`; resolves with its exit code. */
export async function runClient(
  name: ClientCommandName,
  { invocation, deps, screen, control }: ClientRun,
): Promise<number> {
  const interrupt = deps.catchInterrupt();
  const client = await deps.connect(control);
  try {
    const { signal } = interrupt;
    return await CLIENT_COMMANDS[name]({ invocation, deps, screen, client, signal });
  } catch (error) {
    if (interrupt.osSignal === null) throw error;
    if (!screen.json) await screen.tell("interrupted: what was begun in the engine goes on");
    return INTERRUPTED_EXIT[interrupt.osSignal];
  } finally {
    client.close();
  }
}
