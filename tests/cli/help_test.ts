import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { FakeCli } from "./support/fake_cli.ts";

const HELP = `\
Starts a local AI engine when it is needed, and stops it when it is not.

  ai-engine               run it, pages on http://127.0.0.1:7411
  ai-engine send "hello"  ask the engine; it is started if it has to be
  ai-engine status        show what runs

Run
  serve     Run the supervisor in the foreground; also without a command
  shutdown  Close the running supervisor and its engines
Use
  start     Start engines and wait until they are ready
  stop      Stop engines; the next request starts them again
  restart   Stop engines and start them again
  status    Show engines: state, uptime, memory, when they will stop
  send      Send input to an engine and print its answer
About
  config    Check, explain and reload the configuration file
  help      Show help on a command
  version   Show the version
Flags
  --json  --config PATH  --control PATH  -h, --help  -V, --version

More: ai-engine help COMMAND, docs/cli.md
`;

const SEND_HELP = `\
Send input to an engine and print its answer.

Usage
  ai-engine send [-e NAME] TEXT|@FILE|-

Examples
  ai-engine send "hello"
      ask the engine
  git diff | ai-engine send -
      send what another program prints

Flags
  -e, --engine NAME
      Which engine to ask

Everywhere
  --json
      One JSON document on stdout; an error is one on stderr
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
Without -e: the only engine there is. A stopped engine is started first.
`;

Deno.test("help, --help and -h show the whole program on one screen of 24 lines", async () => {
  for (const argv of [["help"], ["--help"], ["-h"], ["--json", "help"]]) {
    const cli = new FakeCli();
    assertEquals(await cli.run(...argv), 0);
    assertEquals([cli.stdout.text, cli.stderr.text], [HELP, ""]);
  }
  assert(HELP.trimEnd().split("\n").length <= 24);
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
  assertMatch(cli.stderr.text, /^error: Usage error\ncause: .*"strat".*\ntry: ai-engine start\n$/);
});

Deno.test("headings are bold on a terminal only", async () => {
  const cli = new FakeCli({ terminal: 80 });
  await cli.run("help");
  assertStringIncludes(cli.stdout.text, "\x1b[1mRun\x1b[0m\n");
});
