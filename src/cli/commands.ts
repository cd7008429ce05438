/**
 * The commands, as one table: parsing, help, completions, the man page and docs/cli.md read it.
 *
 * @module
 */
import type { Command, CommandFlag, CommandName } from "./command.ts";
import { LOG_LEVELS, LOG_STREAMS } from "./log_words.ts";
import { SERVE_FLAGS } from "./serve_flags.ts";
import { SHELLS, TOPICS } from "./words.ts";

const NO_ARGS = { usage: "", min: 0, max: 0 };
const NAMES = { usage: "[NAME…]", min: 0, max: Infinity, completes: "engine" } as const;
const LEFT_OUT = "Without a NAME: the only engine there is, else that of the default model.";
const CHANGED = '{"schema","engines"}: those that were changed, as `GET /api/engines` has them';

const ENGINE_FLAG: CommandFlag = {
  name: "engine",
  short: "e",
  value: "NAME",
  summary: "Only this engine",
  completes: "engine",
};

function linesFlag(fallback: string, what: string): CommandFlag {
  return { name: "lines", short: "n", value: "N", summary: `How many ${what}`, fallback };
}

function followFlag(summary: string): CommandFlag {
  return { name: "follow", short: "f", summary };
}

/** What runs and stops the program and its engines, and what uses them. */
const RUNNING: readonly [Command, ...Command[]] = [
  {
    name: "serve",
    summary: "Run the supervisor in the foreground; also without a command",
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
    args: NO_ARGS,
    flags: [{ name: "force", summary: "Do not wait for work in flight" }],
    details: ["Waits until the supervisor is gone."],
    json: '{"status":"closed"}',
    examples: [{ line: "ai-engine shutdown", says: "stop the engines, then the supervisor" }],
  },
  {
    name: "send",
    summary: "Send input to an engine and print its answer as it comes",
    args: { usage: "[TEXT|@FILE|-]", min: 0, max: 1, completes: "file" },
    flags: [
      { ...ENGINE_FLAG, summary: "Which engine to ask" },
      { name: "timings", summary: "Say on stderr how long it took" },
      { name: "curl", summary: "Print the command that would do the same, and send nothing" },
    ],
    details: [
      "@FILE sends a file and - standard input, as they are: UTF-8, at most 1 MiB. Without a TEXT " +
      "standard input is read, unless it is a terminal.",
      "Without -e: the only engine there is, else that of the default model. A stopped engine is " +
      "started first.",
      "Ctrl-C takes the request back and leaves the engine running.",
    ],
    json: "the engine's own answer, whole",
    examples: [
      { line: 'ai-engine send "hello"', says: "ask the engine" },
      { line: "git diff | ai-engine send", says: "send what another program prints" },
      {
        line: "ai-engine send -e python @notes.txt --timings",
        says: "a file, and how long it took",
      },
    ],
  },
  {
    name: "start",
    summary: "Start engines and wait until they are ready",
    args: NAMES,
    flags: [{ name: "no-wait", summary: "Do not wait until they are ready" }],
    details: [LEFT_OUT, "An engine that runs already is left as it is."],
    json: CHANGED,
    examples: [
      { line: "ai-engine start", says: "start the engine" },
      { line: "ai-engine start $(ai-engine ps -q)", says: "start them all" },
    ],
  },
  {
    name: "stop",
    summary: "Stop engines; the next request starts them again",
    args: NAMES,
    flags: [
      { name: "force", summary: "Do not wait for work in flight" },
      { name: "hold", summary: "Keep them stopped until they are started by hand" },
    ],
    details: [LEFT_OUT],
    json: CHANGED,
    examples: [
      { line: "ai-engine stop", says: "give its memory back" },
      { line: "ai-engine stop python --hold", says: "and refuse requests until `start`" },
    ],
  },
  {
    name: "restart",
    summary: "Stop engines and start them again",
    args: NAMES,
    flags: [],
    details: [LEFT_OUT, "Requests that arrive meanwhile are held for the next process."],
    json: CHANGED,
    examples: [{ line: "ai-engine restart python", says: "a new process, say after an update" }],
  },
];

/** What only looks. */
const LOOKING: readonly Command[] = [
  {
    name: "ps",
    summary: "List the engines: state, memory, when they will stop",
    args: NO_ARGS,
    flags: [
      { name: "quiet", short: "q", summary: "Only the names" },
      { name: "watch", short: "w", summary: "Again each second, until Ctrl-C" },
    ],
    details: [
      "The columns: NAME, STATE, UPTIME, PID, MEM, IN-FLIGHT with those that wait, STOPS-IN: the time " +
      "left until the idle stop, LAST-ERROR. On a terminal as many as fit, in three widths; a pipe " +
      "gets them all.",
    ],
    json: '{"schema","engines"}, as `GET /api/engines` has them; with -w one per line',
    examples: [
      { line: "ai-engine ps", says: "a line per engine" },
      { line: "ai-engine ps --json", says: "the same fields as GET /api/engines" },
    ],
  },
  {
    name: "status",
    summary: "Show engines in full, with the last error and its remedy",
    args: NAMES,
    flags: [],
    details: [
      "Without a NAME: the only engine there is; of several the table of `ps`.",
      "Exit code 3 when a named engine, or the only one, is not ready.",
    ],
    json: '{"schema","engines"}, as `GET /api/engines` has them',
    examples: [
      { line: "ai-engine status", says: "the engine, and 3 when it is not ready" },
      { line: "ai-engine status python || ai-engine start python", says: "in a script" },
    ],
  },
  {
    name: "logs",
    summary: "Show what engines print",
    args: NAMES,
    flags: [
      followFlag("Go on with lines as they come"),
      linesFlag("100", "of the last lines"),
      { name: "since", value: "TIME", summary: "From then on: RFC 3339, or a DURATION ago" },
      { name: "until", value: "TIME", summary: "Up to then" },
      {
        name: "stream",
        value: LOG_STREAMS.join("|"),
        summary: "Only what came there",
      },
      { name: "level", value: LOG_LEVELS.join("|"), summary: "Only what matters at least as much" },
      { name: "grep", value: "TEXT|/REGEX/", summary: "Only lines that have it" },
      { name: "request", value: "ID", summary: "Only what belongs to this request" },
      { name: "timestamps", short: "t", summary: "The time in front of each line" },
      { name: "no-prefix", summary: "No names of engines in front of the lines" },
    ],
    details: [
      "Without a NAME: of all engines, and what the supervisor says; each line begins with whose it is.",
      "The newest lines are kept in memory; older ones are in the files of $XDG_STATE_HOME.",
    ],
    json: '{"schema","lines"}, as `GET /api/logs` has them; with -f an object per line',
    examples: [
      { line: "ai-engine logs -f", says: "as they come" },
      { line: "ai-engine logs python --since 10m --grep error", says: "what went wrong" },
      { line: "ai-engine logs --request 7f3a", says: "the story of one request" },
    ],
  },
  {
    name: "events",
    summary: "Show what happened: starts, stops, failures, notices",
    args: NO_ARGS,
    flags: [
      followFlag("Go on with events as they happen"),
      linesFlag("50", "of the last events"),
      ENGINE_FLAG,
    ],
    details: ["The supervisor keeps the last 1,000 since its start."],
    json: '{"schema","events"}, with the fields of `GET /api/events`; with -f an object per line',
    examples: [
      { line: "ai-engine events -f", says: "as they happen" },
      { line: "ai-engine events -e python -n 5", says: "why did it stop?" },
    ],
  },
  {
    name: "requests",
    summary: "Show requests in flight and recent ones, or cancel one",
    args: { usage: "[cancel ID]", min: 0, max: 2, completes: ["cancel"] },
    flags: [
      ENGINE_FLAG,
      { name: "failed", summary: "Only those that failed" },
      linesFlag("20", "of them"),
    ],
    details: ["Those in flight come first, then the newest. The supervisor keeps the last 500."],
    json: '{"schema","requests"}, as `GET /api/requests` has them',
    examples: [
      { line: "ai-engine requests --failed", says: "what went wrong" },
      { line: "ai-engine requests cancel 7f3a", says: "take one back" },
    ],
  },
  {
    name: "metrics",
    summary: "Print the metrics as a monitoring system reads them",
    args: NO_ARGS,
    flags: [],
    details: ["The text of GET /metrics, in the format of Prometheus."],
    json: '{"schema","text"}',
    examples: [{ line: "ai-engine metrics | grep start_seconds", says: "how long starts took" }],
  },
];

/** What sets up, and what tells of the program itself. */
const ABOUT: readonly Command[] = [
  {
    name: "config",
    summary: "Check, explain and reload the configuration file",
    args: {
      usage: "check|show|reload|schema|path|import [ARG…]",
      min: 1,
      max: 3,
      completes: ["check", "show", "reload", "schema", "path", "import"],
    },
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
    name: "doctor",
    summary: "Look for what is wrong, and say what to do about it",
    args: NO_ARGS,
    flags: SERVE_FLAGS,
    details: [
      "Looks at the configuration, programs, Python, tokens, folders, sockets, ports, cgroups, " +
      "limits and the clock, as serve with the same flags would find them, and asks the " +
      "supervisor, where one runs.",
      "Changes nothing. Exit code 1 when anything is wrong; what is only a note is not.",
    ],
    json: '{"schema","version","deno","arch","os","wrong","findings"}: how many are wrong, and ' +
      'each with "check","verdict","says","fix"; no secrets, the home folder is ~',
    examples: [
      { line: "ai-engine doctor", says: "why does it not work?" },
      { line: "ai-engine doctor --json", says: "to paste in an issue" },
    ],
  },
  {
    name: "ui",
    summary: "Print the address of the pages; on a terminal, open them",
    args: NO_ARGS,
    flags: [{ name: "no-open", summary: "Only print it" }],
    details: [],
    json: '{"schema","url"}',
    examples: [{ line: "ai-engine ui", says: "show the pages in the browser" }],
  },
  {
    name: "completions",
    summary: "Print what has a shell complete commands, flags, engines",
    args: { usage: SHELLS.join("|"), min: 1, max: 1, completes: SHELLS },
    flags: [],
    details: [
      "Names of engines are asked of the running supervisor, and left out where it does not answer " +
      "within 300 ms.",
    ],
    examples: [
      { line: 'eval "$(ai-engine completions bash)"', says: "in ~/.bashrc" },
      {
        line: 'ai-engine completions zsh > "${fpath[1]}/_ai-engine"',
        says: "zsh, in a new shell",
      },
      {
        line: "ai-engine completions fish > ~/.config/fish/completions/ai-engine.fish",
        says: "fish",
      },
    ],
  },
  {
    name: "man",
    summary: "Print the manual page",
    args: NO_ARGS,
    flags: [],
    details: [],
    examples: [{ line: "ai-engine man | man -l -", says: "read it" }],
  },
  {
    name: "help",
    summary: "Show help on a command or a topic",
    args: { usage: "[COMMAND|TOPIC]", min: 0, max: 1, completes: TOPICS },
    flags: [],
    details: [`The topics: ${TOPICS.join(", ")}.`],
    examples: [
      { line: "ai-engine help send", says: "what `send` takes" },
      { line: "ai-engine help exit-codes", says: "what they mean" },
    ],
  },
  {
    name: "version",
    summary: "Show the version",
    args: NO_ARGS,
    flags: [],
    details: [],
    json: '{"version","deno","arch","os"}',
    examples: [{ line: "ai-engine version --json", says: "the parts of it" }],
  },
];

/** The first is meant where none is named. */
export const COMMANDS: readonly [Command, ...Command[]] = [...RUNNING, ...LOOKING, ...ABOUT];

/** The command of the table. */
export function findCommand(name: CommandName): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw new TypeError(`${name} is not in the table`);
  return command;
}

/** The lines of the program's help, in groups: what belongs together stands on one. */
export const HELP_LINES: readonly {
  readonly group: string;
  readonly names: readonly CommandName[];
  readonly says: string;
}[] = [
  { group: "Run", names: ["serve"], says: "run it in the foreground; also without a command" },
  { group: "Run", names: ["shutdown"], says: "close it and its engines" },
  { group: "Use", names: ["send"], says: "send input to an engine and print its answer" },
  { group: "Use", names: ["start", "stop", "restart"], says: "engines by hand" },
  { group: "Look", names: ["ps", "status"], says: "engines as a table; one in full" },
  { group: "Look", names: ["logs", "events"], says: "what engines print; what happened" },
  { group: "Look", names: ["requests", "metrics"], says: "in flight and recent; figures" },
  { group: "Set up", names: ["config", "doctor"], says: "the file; what is wrong with all of it" },
  { group: "Set up", names: ["ui"], says: "where the pages are" },
  { group: "Set up", names: ["completions", "man"], says: "for the shell; the manual" },
  { group: "Set up", names: ["help", "version"], says: "on a command or a topic; this program" },
];
