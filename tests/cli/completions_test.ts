import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { bashCompletions } from "../../src/cli/completions/bash.ts";
import { powershellCompletions } from "../../src/cli/completions/powershell.ts";
import { manPage } from "../../src/cli/man_page.ts";
import { GLOBAL_FLAGS } from "../../src/cli/serve_flags.ts";
import { engineView, FakeCli, jsonAnswer } from "./support/fake_cli.ts";
import { ConnectError } from "../../src/core/mod.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"];

Deno.test("every script knows every command and every flag", async () => {
  for (const shell of SHELLS) {
    const cli = new FakeCli();
    assertEquals(await cli.run("completions", shell), 0);
    for (const { name, flags } of COMMANDS) {
      assertStringIncludes(cli.stdout.text, name, shell);
      for (const flag of [...flags, ...GLOBAL_FLAGS]) {
        const spelling = shell === "fish" ? `-l ${flag.name}` : `--${flag.name}`;
        assertStringIncludes(cli.stdout.text, spelling, shell);
      }
    }
  }
});

Deno.test("a shell that is not known is a usage error with the one that was meant", async () => {
  const cli = new FakeCli();
  assertEquals(await cli.run("completions", "bsah"), 2);
  assertStringIncludes(cli.stderr.text, "try: ai-engine completions bash\n");
});

/** What bash offers for the last of `words`, with a program that knows two engines. */
async function complete(...words: readonly string[]): Promise<string[]> {
  const script = `${bashCompletions()}
ai-engine() { printf 'llm\\nwhisper\\n'; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ai_engine; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, success } = await new Deno.Command("bash", {
    args: ["--norc", "-c", script, "bash", "ai-engine", ...words],
    cwd: new URL("../..", import.meta.url),
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n").filter((word) => word !== "").sort();
}

Deno.test("bash completes commands, flags, values, engines and files", async () => {
  const cases: readonly [readonly string[], readonly string[]][] = [
    [["st"], ["start", "status", "stop"]],
    [["stop", "--"], [
      "--color",
      "--config",
      "--control",
      "--force",
      "--help",
      "--hold",
      "--json",
      "--version",
    ]],
    [["stop", ""], ["llm", "whisper"]],
    [["stop", "--force", "w"], ["whisper"]],
    [["send", "-e", ""], ["llm", "whisper"]],
    [["send", "--engine", "l"], ["llm"]],
    [["logs", "llm", "--level", ""], ["debug", "error", "info", "warn"]],
    [["logs", "--level", "w"], ["warn"]],
    [["--color", "a"], ["always", "auto"]],
    [["--control", "x", "shut"], ["shutdown"]],
    [["--json", "ver"], ["version"]],
    [["--config", "deno.j"], ["deno.json"]],
    [["completions", ""], ["bash", "fish", "powershell", "zsh"]],
    [["config", "s"], ["schema", "show"]],
    [["help", "e"], ["environment", "events", "exit-codes"]],
    [["requests", ""], ["cancel"]],
    [["serve", "--log-level", "d"], ["debug"]],
    [["version", "x"], []],
  ];
  for (const [words, offered] of cases) {
    assertEquals(await complete(...words), offered, words.join(" "));
  }
});

Deno.test("names of engines are printed for scripts", async () => {
  const views = [engineView({ name: "llm" }), engineView({ name: "a.b_c-1" })];
  const cli = new FakeCli({
    answer: () => jsonAnswer({ engines: [...views, { name: "x\ny" }, {}] }),
  });
  assertEquals(await cli.run("__names"), 0);
  assertEquals(cli.stdout.text, "llm\na.b_c-1\n");
  assertEquals(cli.asked, ["GET /api/engines"]);
});

Deno.test("where no names are to be had within 300 ms, nothing is said", async () => {
  const failures = [
    () =>
      Promise.reject(
        new ConnectError("unreachable", "before_send", { detail: "D.", remedy: "R." }),
      ),
    () => jsonAnswer({}),
    () => jsonAnswer([]),
    () => ({ status: 500, text: "<html>", json: undefined }),
  ];
  for (const answer of failures) {
    const cli = new FakeCli({ answer });
    assertEquals(await cli.run("__names"), 0);
    assertEquals([cli.stdout.text, cli.stderr.text, cli.open], ["", "", 0]);
  }
  let limitMs: number | undefined;
  const cli = new FakeCli({
    answer: (_request, options) => {
      limitMs = options.limitMs;
      return jsonAnswer({ engines: [] });
    },
  });
  await cli.run("__names");
  assertEquals(limitMs, 200);
});

/** Compares with a file beside this one, which UPDATE_DOCS=1 writes. */
async function assertSnapshot(path: string, text: string): Promise<void> {
  const url = new URL(path, import.meta.url);
  if (Deno.env.get("UPDATE_DOCS") === "1") await Deno.writeTextFile(url, text);
  assertEquals(await Deno.readTextFile(url), text);
}

Deno.test("the script for PowerShell is the one that was looked at", async () => {
  await assertSnapshot("./snapshots/completions.ps1", powershellCompletions());
});

Deno.test("the manual page is the one that was looked at, and has every command and flag", async () => {
  const page = manPage("0.0.0");
  await assertSnapshot("./snapshots/ai-engine.1", page);
  for (const { name, flags } of COMMANDS) {
    assertStringIncludes(page, `\n.SS ${name}\n`);
    if (name === "config") continue;
    for (const flag of flags) {
      assertStringIncludes(page, `\\-\\-${flag.name.replaceAll("-", "\\-")}`);
    }
  }
  // A line that begins with a dot is an instruction, and there are only these.
  const known = /^\.(TH|SH|SS|TP|PP|IP|br|EX|EE)( |$)/;
  const lines = page.split("\n").filter((line) => /^[.']/.test(line));
  assertEquals(lines.filter((line) => !known.test(line)), []);
});

Deno.test("man prints it with the version of the program", async () => {
  const cli = new FakeCli();
  assertEquals(await cli.run("man"), 0);
  assertEquals(cli.stdout.text, manPage("1.2.3"));
});
