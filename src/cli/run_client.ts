/** The commands that talk to a running supervisor. */
import type { CliDeps } from "./cli_deps.ts";
import type { ClientContext } from "./client_context.ts";
import type { Invocation } from "./command.ts";
import type { Screen } from "./screen.ts";
import { tellOtherVersion } from "./version_notice.ts";

type ClientCommand = (context: ClientContext) => Promise<number>;

/** Each is loaded when it is asked for. `reload` is `config reload`. */
const CLIENT_COMMANDS = {
  start: async () => (await import("./engine_commands.ts")).start,
  stop: async () => (await import("./engine_commands.ts")).stop,
  restart: async () => (await import("./engine_commands.ts")).restart,
  ps: async () => (await import("./status_command.ts")).ps,
  status: async () => (await import("./status_command.ts")).status,
  send: async () => (await import("./send_command.ts")).send,
  logs: async () => (await import("./logs_command.ts")).logs,
  events: async () => (await import("./events_command.ts")).events,
  requests: async () => (await import("./requests_command.ts")).requests,
  metrics: async () => (await import("./metrics_command.ts")).metrics,
  ui: async () => (await import("./ui_command.ts")).ui,
  shutdown: async () => (await import("./shutdown_command.ts")).shutdown,
  reload: async () => (await import("./reload_command.ts")).reload,
} as const satisfies Readonly<Record<string, () => Promise<ClientCommand>>>;

export type ClientCommandName = keyof typeof CLIENT_COMMANDS;

/** What of a command goes on when it is interrupted; of those that only look, nothing. */
const GOES_ON: Partial<Readonly<Record<ClientCommandName, string>>> = {
  start: "what was begun in the engine goes on",
  stop: "what was begun in the engine goes on",
  restart: "what was begun in the engine goes on",
  send: "the request is taken back, the engine goes on",
  shutdown: "the supervisor goes on closing",
  reload: "the supervisor goes on reloading",
};

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
  const { signal } = interrupt;
  const context = { invocation, deps, screen, client, signal };
  try {
    const command = await CLIENT_COMMANDS[name]();
    if (name !== "shutdown") await tellOtherVersion(context);
    return await command(context);
  } catch (error) {
    if (interrupt.osSignal === null) throw error;
    const goesOn = GOES_ON[name];
    if (!screen.json && goesOn !== undefined) await screen.tell(`interrupted: ${goesOn}`);
    return INTERRUPTED_EXIT[interrupt.osSignal];
  } finally {
    client.close();
  }
}
