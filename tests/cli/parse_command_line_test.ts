import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { COMMANDS } from "../../src/cli/commands.ts";
import { parseCommandLine } from "../../src/cli/parse_command_line.ts";
import { GLOBAL_FLAGS } from "../../src/cli/serve_flags.ts";
import { UsageError } from "../../src/core/mod.ts";

type Flags = Readonly<Record<string, readonly string[]>>;

function parse(argv: readonly string[]): [string, readonly string[], Flags] {
  const { command, args, flags } = parseCommandLine(argv);
  return [command.name, args, Object.fromEntries(flags)];
}

Deno.test("parseCommandLine() finds command, arguments and flags wherever they stand", () => {
  const cases: readonly [readonly string[], string, readonly string[], Flags][] = [
    [[], "serve", [], {}],
    [["--listen", "x"], "serve", [], { listen: ["x"] }],
    [["serve", "--listen=x"], "serve", [], { listen: ["x"] }],
    [["serve", "--listen=a=b"], "serve", [], { listen: ["a=b"] }],
    [["serve", "--listen="], "serve", [], { listen: [""] }],
    [["--idle-timeout", "-1"], "serve", [], { "idle-timeout": ["-1"] }],
    [["--listen", "a", "--listen", "b"], "serve", [], { listen: ["a", "b"] }],
    [["--json", "status"], "status", [], { json: [] }],
    [["--control", "c", "status", "a", "b"], "status", ["a", "b"], { control: ["c"] }],
    [["stop", "a", "--hold", "b", "--force"], "stop", ["a", "b"], { hold: [], force: [] }],
    [["start", "--no-wait"], "start", [], { "no-wait": [] }],
    [["stop", "--hold", "--hold"], "stop", [], { hold: [] }],
    [["send", "-"], "send", ["-"], {}],
    [["send", ""], "send", [""], {}],
    [["send", "-e", "python", "hi"], "send", ["hi"], { engine: ["python"] }],
    [["send", "-epython", "hi"], "send", ["hi"], { engine: ["python"] }],
    [["send", "hi", "--engine=python"], "send", ["hi"], { engine: ["python"] }],
    [["send"], "send", [], {}],
    [["logs", "-fn20", "python"], "logs", ["python"], { follow: [], lines: ["20"] }],
    [["logs", "-f", "-n", "5"], "logs", [], { follow: [], lines: ["5"] }],
    [["events", "-epython", "-f"], "events", [], { engine: ["python"], follow: [] }],
    [["send", "--", "--json"], "send", ["--json"], {}],
    [["status", "--", "-x"], "status", ["-x"], {}],
  ];
  for (const [argv, ...expected] of cases) assertEquals(parse(argv), expected, argv.join(" "));
});

Deno.test("--help and --version become commands, however little else makes sense", () => {
  assertEquals(parse(["--help"]).slice(0, 2), ["help", []]);
  assertEquals(parse(["send", "-h"]).slice(0, 2), ["help", ["send"]]);
  assertEquals(parse(["status", "a", "b", "--help"]).slice(0, 2), ["help", ["status"]]);
  assertEquals(parse(["-hV"]).slice(0, 2), ["help", []]);
  assertEquals(parse(["-V"]).slice(0, 2), ["version", []]);
  assertEquals(parse(["shutdown", "too", "many", "--version"]).slice(0, 2), ["version", []]);
});

Deno.test("parseCommandLine() says what is wrong and what to do next", () => {
  const cases: readonly [readonly string[], string, string][] = [
    [["strat"], 'There is no command "strat".', "ai-engine start"],
    [["STATUS"], 'There is no command "STATUS".', "ai-engine status"],
    [["frobnicate"], 'There is no command "frobnicate".', "ai-engine help"],
    [[""], 'There is no command "".', "ai-engine help"],
    [["-"], 'There is no command "-".', "ai-engine help"],
    [["a\0b\x1b[31m"], 'There is no command "a\\u0000b\\u001b[31m".', "ai-engine help"],
    [
      ["--lisen", "x"],
      '`serve` has no flag "--lisen". Did you mean --listen?',
      "ai-engine help serve",
    ],
    [
      ["stop", "--hodl"],
      '`stop` has no flag "--hodl". Did you mean --hold?',
      "ai-engine help stop",
    ],
    [["status", "--qqqqqq"], '`status` has no flag "--qqqqqq".', "ai-engine help status"],
    [["start", "--force"], '`start` has no flag "--force".', "ai-engine help start"],
    [["send", "-x"], '`send` has no flag "-x".', "ai-engine help send"],
    [
      ["status", "--jsn"],
      '`status` has no flag "--jsn". Did you mean --json?',
      "ai-engine help status",
    ],
    [["status", "--__proto__"], '`status` has no flag "--__proto__".', "ai-engine help status"],
    [["serve", "--listen"], "--listen needs a value.", "Give it one: --listen HOST:PORT|unix:PATH"],
    [["send", "hi", "-e"], "--engine needs a value.", "Give it one: --engine NAME"],
    [
      ["status", "--json=1"],
      '--json takes no value, and was given "1".',
      "Leave the value out: --json",
    ],
    [["logs", "-fx"], '`logs` has no flag "-x".', "ai-engine help logs"],
    [
      ["logs", "--follow=yes"],
      '--follow takes no value, and was given "yes".',
      "Leave the value out: --follow",
    ],
    [["ls"], 'There is no command "ls".', "ai-engine ps"],
    [["tail"], 'There is no command "tail".', "ai-engine logs -f"],
    [["toString"], 'There is no command "toString".', "ai-engine help"],
    [
      ["completions"],
      "`completions` needs bash|zsh|fish|powershell.",
      "ai-engine help completions",
    ],
    [
      ["requests", "cancel", "a", "b"],
      '`requests` takes at most 2 arguments, and "b" is one more.',
      "ai-engine help requests",
    ],
    [
      ["send", "hello", "world"],
      '`send` takes one argument, and "world" is one more.',
      "Put quotes around a text with spaces.",
    ],
    [
      ["--listen", "x", "status"],
      '`serve` takes no argument, and was given "status".',
      "ai-engine help serve",
    ],
    [
      ["shutdown", "x"],
      '`shutdown` takes no argument, and was given "x".',
      "ai-engine help shutdown",
    ],
  ];
  for (const [argv, detail, remedy] of cases) {
    const error = assertThrows(() => parseCommandLine(argv), UsageError, undefined, argv.join(" "));
    assertEquals([error.message, error.remedy], [detail, remedy]);
  }
});

Deno.test("parseCommandLine() of anything gives a command of the table or a UsageError", () => {
  const flags = [...COMMANDS.flatMap((command) => command.flags), ...GLOBAL_FLAGS];
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(...COMMANDS.map((command) => command.name)),
    fc.constantFrom(...flags.map((flag) => `--${flag.name}`)),
    fc.constantFrom("-", "--", "-e", "-h", "-1", "--=", "-=", "---"),
  );
  fc.assert(fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
    try {
      assert(COMMANDS.includes(parseCommandLine(argv).command));
    } catch (error) {
      assert(error instanceof UsageError, String(error));
    }
  }));
});
