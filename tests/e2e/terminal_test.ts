/** The command line in a real terminal: what fits, what moves, what keys do. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { eventually, type RunningProgram } from "../support/program.ts";
import { act, BUILTIN, isCi, openGate, scripted, withProgram, works } from "./support/harness.ts";
import { hasTerminals, RealTerminal, type TerminalOptions } from "./support/real_terminal.ts";

/** A test in a terminal beside a running program; where there is no tmux it is skipped by name. */
function terminalTest(
  name: string,
  options: TerminalOptions & { readonly ignore?: boolean; readonly program?: object },
  body: (terminal: RealTerminal, program: RunningProgram) => Promise<void>,
): void {
  const { program: programOptions = BUILTIN, ignore = false, ...rest } = options;
  Deno.test({
    name: `in a terminal: ${name}`,
    ignore: !isCi && (!hasTerminals || ignore),
    fn: () =>
      withProgram(programOptions, async (program) => {
        // Not the program's XDG_RUNTIME_DIR: fish leaves a FIFO there, and under Deno 2.9.6 a folder that
        // is watched and gets one is watched no more, and never let go.
        const env = { AI_ENGINE_CONTROL: program.control, NO_COLOR: "", ...rest.env };
        await using terminal = await RealTerminal.open({ ...rest, env });
        await body(terminal, program);
      }),
  });
}

terminalTest("the program's help is one screen of 24 lines", { columns: 80 }, async (terminal) => {
  await terminal.run("ai-engine help");
  const screen = await terminal.shows(/More .*config/);
  assertMatch(screen, /^Starts a local AI engine/);
});

for (
  const [columns, head] of [[100, /^NAME .* LAST-ERROR$/m], [64, /^NAME .*STOPS-IN$/m], [
    40,
    /^NAME +STATE +STOPS-IN$/m,
  ], [20, /^NAME +STATE$/m]] as const
) {
  terminalTest(`a table fits ${columns} columns`, { columns }, async (terminal, program) => {
    await act(program, "start", "builtin");
    await terminal.run("ai-engine ps; echo done");
    const screen = await terminal.shows(/^done$/m);
    assertMatch(screen, head);
    // A line that is too long would go on below its own row.
    assertMatch(screen, /^NAME.*\nbuiltin +ready.*\ndone\n/m);
  });
}

terminalTest(
  "on 20 columns one engine and an error are readable",
  { columns: 20 },
  async (terminal) => {
    await terminal.run("ai-engine status; ai-engine stop bultin; echo code $?");
    const screen = await terminal.shows(/^code 5$/m);
    assertMatch(screen, /^in flight:\n {2}0$/m);
    assertStringIncludes(screen.replaceAll("\n", ""), "try: Did you mean builtin?");
  },
);

terminalTest(
  "a start that takes long shows how long, and leaves one line behind",
  { columns: 60, program: scripted("gate=go") },
  async (terminal, program) => {
    await terminal.run("ai-engine start; echo code $?");
    await terminal.shows(/^starting scripted… [1-9]\d*\.\d s$/m);
    await openGate(program, "go");
    const screen = await terminal.shows(/^code 0$/m);
    assertMatch(screen, /^started scripted \(ready in .*\)\ncode 0\n/);
  },
);

for (
  const [columns, line] of [[60, /^starting scripted… \d+\.\d s \(usually .*s\)$/m], [
    20,
    /^starting scr… \d\.\d s$/m,
  ]] as const
) {
  terminalTest(
    `a progress fits ${columns} columns, and tells how long a start usually takes where it can`,
    { columns, program: scripted("gate=go") },
    async (terminal, program) => {
      await openGate(program, "go");
      await act(program, "start");
      await act(program, "stop");
      await Deno.remove(join(program.runtimeDir, "go"));
      await terminal.run("ai-engine start");
      const screen = await terminal.shows(line);
      assertEquals(screen.trimEnd().split("\n").length, 1, screen);
      await openGate(program, "go");
      await terminal.shows(/started scripted/);
    },
  );
}

terminalTest(
  "Ctrl-C leaves a start and says that it goes on",
  { columns: 80, program: scripted("gate=go") },
  async (terminal, program) => {
    await terminal.run("ai-engine start; echo code $?");
    await terminal.shows(/starting scripted…/);
    await terminal.type("", "C-c");
    const screen = await terminal.shows(/^code 130$/m);
    assertMatch(screen, /interrupted: what was begun in the engine goes on\ncode 130/);
    await openGate(program, "go");
    await act(program, "start");
  },
);

terminalTest("Ctrl-C ends logs -f without a word", { columns: 80 }, async (terminal, program) => {
  await act(program, "start", "builtin");
  await terminal.run("ai-engine logs builtin -f; echo code $?");
  await terminal.shows(/listening on/);
  await terminal.type("", "C-c");
  assertStringIncludes(await terminal.shows(/^\^Ccode 130$/m), "listening on");
});

terminalTest(
  "states have colours, and none with NO_COLOR or TERM=dumb",
  { columns: 80 },
  async (terminal) => {
    const shown = async (before: string) => {
      await terminal.run(`${before} ai-engine ps; echo done`);
      await terminal.shows(/^done$/m);
      const lines = (await terminal.screen(true)).split("\n");
      return lines.filter((line) => /NAME|builtin/.test(line)).join("\n");
    };
    assertStringIncludes(await shown(""), "\x1b[1mNAME");
    assertEquals((await shown("NO_COLOR=1")).includes("\x1b"), false);
    assertEquals((await shown("TERM=dumb")).includes("\x1b"), false);
    await terminal.run("ai-engine ps --color always | cat; echo done");
    await terminal.shows(/^done$/m);
    assertStringIncludes(await terminal.screen(true), "\x1b[1mNAME");
  },
);

terminalTest(
  "send without a text says what to do instead of waiting for keys",
  { columns: 80 },
  async (terminal) => {
    await terminal.run("ai-engine send; echo code $?");
    assertStringIncludes(await terminal.shows(/^code 2$/m), "standard input is a terminal");
  },
);

terminalTest("less takes the rest of what follows", { columns: 80 }, async (terminal, program) => {
  await act(program, "start", "builtin");
  await terminal.run("ai-engine logs -f | head -n 1; ai-engine ps | head -n 1; echo done");
  await terminal.shows(/ \| /);
  let screen = "";
  // It ends at the next line that it writes once `head` has gone, which takes a moment that nobody tells.
  await eventually("done", async () => {
    await act(program, "restart", "builtin");
    screen = await terminal.screen();
    return /^done$/m.test(screen);
  });
  assertEquals(/rror|panic/.test(screen), false, screen);
});

const SHELLS = [
  {
    name: "bash",
    shell: ["bash", "--norc", "--noprofile"],
    load: () => 'eval "$(ai-engine completions bash)"',
  },
  {
    name: "zsh",
    shell: ["zsh", "-f"],
    load: (dir: string) =>
      `ai-engine completions zsh > ${dir}/_ai-engine; fpath=(${dir} $fpath); ` +
      `autoload -U compinit; compinit -u -d ${dir}/dump`,
  },
  {
    name: "fish",
    shell: ["fish", "--no-config"],
    load: () => "ai-engine completions fish | source",
  },
];

for (const { name, shell, load } of SHELLS) {
  terminalTest(
    `${name} completes commands, values and the names of engines by Tab`,
    { columns: 100, shell, ignore: !works(name, "--version") },
    async (terminal) => {
      await terminal.type(`${load(terminal.dir)}; echo loa''ded`, "Enter");
      await terminal.shows(/loaded$/m);
      const cases = [
        ["ai-engine shutd", /ai-engine shutdown/],
        ["ai-engine logs --level er", /--level error/],
        ["ai-engine stop --ho", /stop --hold/],
        ["ai-engine start b", /start builtin/],
        ["ai-engine send -e bu", /-e builtin/],
      ] as const;
      for (const [typed, completed] of cases) {
        await terminal.type(typed, "Tab");
        await terminal.shows(completed);
        await terminal.type("", "C-u", "C-l");
      }
    },
  );
}
