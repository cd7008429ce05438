import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS, HELP_LINES } from "../../src/cli/commands.ts";
import { EXIT_CODES } from "../../src/cli/exit_codes.ts";
import { FakeCli } from "./support/fake_cli.ts";

const HELP = `\
Starts a local AI engine when it is needed, and stops it when it is not.

  ai-engine               run it, pages on http://127.0.0.1:7411
  ai-engine send "hello"  ask the engine; it is started if it has to be
  ai-engine ps            show what runs

Run
  serve                 run it in the foreground; also without a command
  shutdown              close it and its engines
Use
  send                  send input to an engine and print its answer
  start, stop, restart  engines by hand
Look
  ps, status            engines as a table; one in full
  logs, events          what engines print; what happened
  requests, metrics     in flight and recent; figures
Set up
  config, doctor        the file; what is wrong with all of it
  ui                    where the pages are
  completions, man      for the shell; the manual
  help, version         on a command or a topic; this program
Flags  --json  --color WHEN  --config PATH  --control PATH  -h  -V
More   ai-engine help COMMAND, or environment, exit-codes, output, config
`;

const SEND_HELP = `\
Send input to an engine and print its answer as it comes.

Usage
  ai-engine send [-e NAME] [--timings] [--curl] [TEXT|@FILE|-]

Examples
  ai-engine send "hello"
      ask the engine
  git diff | ai-engine send
      send what another program prints
  ai-engine send -e python @notes.txt --timings
      a file, and how long it took

Flags
  -e, --engine NAME
      Which engine to ask
  --timings
      Say on stderr how long it took
  --curl
      Print the command that would do the same, and send nothing

Everywhere
  --json
      One JSON document on stdout; an error is one on stderr
  --color auto|always|never
      Whether to colour; auto = on a terminal (default: auto)
  --config PATH
      The configuration file, in YAML (AI_ENGINE_CONFIG; default:
      ai-engine/config.yaml in $XDG_CONFIG_HOME or ~/.config, if it is there)
  --control PATH
      The control socket of the supervisor (AI_ENGINE_CONTROL; default:
      control.sock in the runtime directory)
  -h, --help
      Show help
  -V, --version
      Show the version

@FILE sends a file and - standard input, as they are: UTF-8, at most 1 MiB.
Without a TEXT standard input is read, unless it is a terminal.
Without -e: the only engine there is, else that of the default model. A stopped
engine is started first.
Ctrl-C takes the request back and leaves the engine running.
--json: the engine's own answer, whole.
Exit codes: 0, 1, 2, 4, 5, 6, 7, 8, 130, 143 (ai-engine help exit-codes).
`;

Deno.test("help, --help and -h show the whole program on one screen of 24 lines", async () => {
  for (const argv of [["help"], ["--help"], ["-h"], ["--json", "help"]]) {
    const cli = new FakeCli();
    assertEquals(await cli.run(...argv), 0);
    assertEquals([cli.stdout.text, cli.stderr.text], [HELP, ""]);
  }
  assert(HELP.trimEnd().split("\n").length <= 24);
  const named = HELP_LINES.flatMap(({ names }) => names);
  assertEquals(named.toSorted(), COMMANDS.map(({ name }) => name).toSorted());
});

Deno.test("help COMMAND and COMMAND --help show the command", async () => {
  for (const argv of [["help", "send"], ["send", "--help"], ["send", "too", "many", "-h"]]) {
    const cli = new FakeCli();
    assertEquals(await cli.run(...argv), 0);
    assertEquals(cli.stdout.text, SEND_HELP);
  }
});

Deno.test("the help of serve names every variable and default", async () => {
  const cli = new FakeCli();
  assertEquals(await cli.run("help", "serve"), 0);
  assertStringIncludes(cli.stdout.text, "ai-engine serve [FLAGS]");
  const text = cli.stdout.text.replaceAll(/\s+/g, " ");
  assertStringIncludes(text, "several times (AI_ENGINE_LISTEN; default: 127.0.0.1:7411)");
  assertStringIncludes(cli.stdout.text, "AI_ENGINE_SERVE_SOCKET");
  assertEquals(new Set(text.match(/AI_ENGINE_\w+/g)).size, 14);
});

Deno.test("no help is wider than 80 columns, and each has an example", async () => {
  for (const { name, examples } of COMMANDS) {
    const cli = new FakeCli();
    assertEquals(await cli.run("help", name), 0);
    for (const line of cli.stdout.text.split("\n")) assert(line.length <= 80, line);
    assert(examples.length > 0, name);
    assertStringIncludes(cli.stdout.text, examples[0]?.line ?? "?");
  }
  for (const line of HELP.split("\n")) assert(line.length <= 80, line);
});

Deno.test("help on something that is no command suggests one and exits with 2", async () => {
  const cli = new FakeCli();
  assertEquals(await cli.run("help", "strat"), 2);
  assertEquals(cli.stdout.text, "");
  assertMatch(
    cli.stderr.text,
    /^error: Usage error\ncause: .*"strat".*\ntry: ai-engine help start\n$/,
  );
});

Deno.test("headings are bold on a terminal only", async () => {
  const cli = new FakeCli({ terminal: 80 });
  await cli.run("help");
  assertStringIncludes(cli.stdout.text, "\x1b[1mRun\x1b[0m\n");
});

Deno.test("help TOPIC tells what there is to know besides the commands", async () => {
  const topics = {
    environment: "NO_COLOR, when not empty: no colour.",
    output: "An error is three lines: error: what happened",
    config: "ai-engine config check: all that is wrong with it",
  };
  for (const [topic, says] of Object.entries(topics)) {
    const cli = new FakeCli();
    assertEquals(await cli.run("help", topic), 0);
    assertStringIncludes(cli.stdout.text.replaceAll(/\s+/g, " "), says);
    for (const line of cli.stdout.text.split("\n")) assert(line.length <= 80, line);
  }
  const codes = new FakeCli();
  assertEquals(await codes.run("help", "exit-codes"), 0);
  for (const { code } of EXIT_CODES) {
    assertMatch(codes.stdout.text, new RegExp(`^  ${code}: .`, "m"));
  }
});

Deno.test("help of a word that is a command and a topic is both", async () => {
  const cli = new FakeCli();
  assertEquals(await cli.run("help", "config"), 0);
  assertStringIncludes(cli.stdout.text, "ai-engine config import llama-swap");
  assertStringIncludes(cli.stdout.text, "\nConfiguration\n");
});

Deno.test("on a narrow terminal the words of a help fit", async () => {
  const cli = new FakeCli({ terminal: 40 });
  await cli.run("help", "output");
  for (const line of cli.stdout.text.split("\n")) assert(line.length <= 48, line);
});
