/**
 * The commands, as one table: parsing, help and docs/cli.md read it.
 *
 * @module
 */
import { CONFIG_FLAG, SETTING_FLAGS, SETTING_NAMES, type SettingName } from "../config/mod.ts";

/** A flag of a command. */
export interface CommandFlag {
  /** Without dashes. */
  readonly name: string;
  /** One letter, without dash. */
  readonly short?: string;
  /** Stands for the value in the help; a flag without it takes none. */
  readonly value?: string;
  /** One sentence without a full stop. */
  readonly summary: string;
  /** Its name in the environment, where it has one. */
  readonly variable?: string;
  /** What holds when it is not given, in words. */
  readonly fallback?: string;
}

export interface Example {
  readonly line: string;
  readonly says: string;
}

export interface Command {
  readonly name: CommandName;
  /** One sentence without a full stop, at most 60 characters. */
  readonly summary: string;
  readonly group: "Run" | "Use" | "About";
  readonly args: {
    /** As the help shows them; empty when there are none. */
    readonly usage: string;
    readonly min: number;
    readonly max: number;
  };
  readonly flags: readonly CommandFlag[];
  /** What else there is to know: whole sentences. */
  readonly details: readonly string[];
  readonly examples: readonly Example[];
}

export type CommandName =
  | "serve"
  | "shutdown"
  | "start"
  | "stop"
  | "restart"
  | "status"
  | "send"
  | "config"
  | "help"
  | "version";

/** Flags that every command takes, wherever they stand. */
export const GLOBAL_FLAGS: readonly CommandFlag[] = [
  { name: "json", summary: "One JSON document on stdout; an error is one on stderr" },
  CONFIG_FLAG,
  settingFlag("control"),
  { name: "help", short: "h", summary: "Show help" },
  { name: "version", short: "V", summary: "Show the version" },
];

const NO_ARGS = { usage: "", min: 0, max: 0 };
const NAMES = { usage: "[NAME…]", min: 0, max: Infinity };
const LEFT_OUT = "Without a NAME: the only engine there is.";

const SERVE_FLAGS = SETTING_NAMES.filter((name) => name !== "control").map(settingFlag);

export const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    summary: "Run the supervisor in the foreground; also without a command",
    group: "Run",
    args: NO_ARGS,
    flags: SERVE_FLAGS,
    details: [
      "A flag beats the environment; AI_ENGINE_LISTEN has commas between several addresses.",
      "A DURATION is a number and a unit (500ms, 2s, 5m), a bare number is seconds.",
      "Ctrl-C closes everything; a second one does not wait for work in flight.",
    ],
    examples: [
      { line: "ai-engine", says: "pages and API on http://127.0.0.1:7411" },
      {
        line: "ai-engine serve --engine ./my_engine.py --idle-timeout 30s",
        says: "a program of your own, stopped after 30 quiet seconds",
      },
      {
        line: "ai-engine serve --listen 127.0.0.1:7411 --listen unix:/tmp/api.sock",
        says: "on a Unix socket as well",
      },
    ],
  },
  {
    name: "shutdown",
    summary: "Close the running supervisor and its engines",
    group: "Run",
    args: NO_ARGS,
    flags: [{ name: "force", summary: "Do not wait for work in flight" }],
    details: ["Waits until the supervisor is gone."],
    examples: [{ line: "ai-engine shutdown", says: "stop the engines, then the supervisor" }],
  },
  {
    name: "start",
    summary: "Start engines and wait until they are ready",
    group: "Use",
    args: NAMES,
    flags: [{ name: "no-wait", summary: "Do not wait until they are ready" }],
    details: [LEFT_OUT, "An engine that runs already is left as it is."],
    examples: [{ line: "ai-engine start", says: "start the engine" }],
  },
  {
    name: "stop",
    summary: "Stop engines; the next request starts them again",
    group: "Use",
    args: NAMES,
    flags: [
      { name: "force", summary: "Do not wait for work in flight" },
      { name: "hold", summary: "Keep them stopped until they are started by hand" },
    ],
    details: [LEFT_OUT],
    examples: [
      { line: "ai-engine stop", says: "give its memory back" },
      { line: "ai-engine stop python --hold", says: "and refuse requests until `start`" },
    ],
  },
  {
    name: "restart",
    summary: "Stop engines and start them again",
    group: "Use",
    args: NAMES,
    flags: [],
    details: [LEFT_OUT, "Requests that arrive meanwhile are held for the next process."],
    examples: [{ line: "ai-engine restart python", says: "a new process, say after an update" }],
  },
  {
    name: "status",
    summary: "Show engines: state, uptime, memory, when they will stop",
    group: "Use",
    args: NAMES,
    flags: [],
    details: [
      "Without a NAME: all engines.",
      "Exit code 3 when a named engine, or the only one, is not ready.",
    ],
    examples: [
      { line: "ai-engine status", says: "a line per engine" },
      { line: "ai-engine status python --json", says: "the same fields as GET /api/engines" },
    ],
  },
  {
    name: "send",
    summary: "Send input to an engine and print its answer",
    group: "Use",
    args: { usage: "TEXT|@FILE|-", min: 1, max: 1 },
    flags: [{ name: "engine", short: "e", value: "NAME", summary: "Which engine to ask" }],
    details: [
      "@FILE sends a file and - standard input, as they are: UTF-8, at most 1 MiB.",
      "Without -e: the only engine there is. A stopped engine is started first.",
    ],
    examples: [
      { line: 'ai-engine send "hello"', says: "ask the engine" },
      { line: "git diff | ai-engine send -", says: "send what another program prints" },
    ],
  },
  {
    name: "config",
    summary: "Check, explain and reload the configuration file",
    group: "About",
    args: { usage: "check|show|reload|schema|path|import [ARG…]", min: 1, max: 3 },
    flags: SERVE_FLAGS,
    details: [
      "check [FILE] reads FILE, or the file that serve would read, tells all errors with their " +
      "places, and looks for the programs of the engines.",
      "show tells every setting as serve with the same flags would go by it, and where it comes " +
      "from; secrets are masked. What a running supervisor goes by is told by GET /api/config.",
      "reload has the running supervisor read its file again and go by it, without losing a " +
      "request: engines that are as they were keep their processes, another command gets a process " +
      "beside the old one. A file with errors changes nothing; they are told, with exit code 6.",
      "schema prints the JSON Schema of the file for editors; path where the file is, or would be.",
      "import llama-swap FILE prints a file of llama-swap as one of ours, and tells on stderr what " +
      "has no equal.",
    ],
    examples: [
      { line: "ai-engine config check", says: "is the file right?" },
      { line: "ai-engine config show --json", says: "each value, and where it comes from" },
      { line: "ai-engine config reload", says: "go by what the file says now" },
      { line: "ai-engine config schema > schema.json", says: "for the editor" },
      {
        line: "ai-engine config import llama-swap old.yaml > new.yaml",
        says: "what llama-swap ran",
      },
    ],
  },
  {
    name: "help",
    summary: "Show help on a command",
    group: "About",
    args: { usage: "[COMMAND]", min: 0, max: 1 },
    flags: [],
    details: [],
    examples: [{ line: "ai-engine help send", says: "what `send` takes" }],
  },
  {
    name: "version",
    summary: "Show the version",
    group: "About",
    args: NO_ARGS,
    flags: [],
    details: [],
    examples: [{ line: "ai-engine version --json", says: "the parts of it" }],
  },
];

function settingFlag(name: SettingName): CommandFlag {
  const { summary, value, variable, fallback } = SETTING_FLAGS[name];
  return { name, summary, value, variable, fallback };
}
