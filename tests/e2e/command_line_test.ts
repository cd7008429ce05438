/** Every command as typed, against a running program; output, documents and exit codes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import manifest from "../../deno.json" with { type: "json" };
import { programCommand, RunningProgram, runProgram } from "../support/program.ts";
import {
  act,
  BUILTIN,
  failToServe,
  openGate,
  programTest,
  scripted,
  tempDir,
  viewOf,
} from "./support/harness.ts";

const NOTHING_RUNS = { code: 4, stdout: "" };

Deno.test("version and --version", async () => {
  const { code, stdout, stderr } = await runProgram(["version"]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^ai-engine \d+\.\d+\.\d+ \(deno \d+\.\d+\.\d+, \w+-\w+\)\n$/);
  assertEquals((await runProgram(["--version"])).stdout, stdout);
  const document = JSON.parse((await runProgram(["version", "--json"])).stdout);
  assertEquals([document.version, document.os], [manifest.version, Deno.build.os]);
});

Deno.test("help names every command, and each has its own", async () => {
  const { code, stdout } = await runProgram(["help"]);
  assertEquals(code, 0);
  for (
    const name of ["serve", "start", "stop", "restart", "status", "send", "shutdown", "version"]
  ) {
    assertMatch(stdout, new RegExp(`^ +(\\w+, )*${name}[, ]`, "m"));
  }
  const serve = await runProgram(["serve", "--help"]);
  assertEquals(serve.code, 0);
  for (const flag of ["--listen", "--engine", "--idle-timeout", "AI_ENGINE_LISTEN"]) {
    assertStringIncludes(serve.stdout, flag);
  }
});

Deno.test("what can't be understood: exit 2, and what was probably meant", async () => {
  const wrong = [
    [["strat"], "ai-engine start"],
    [["start", "--hold"], "ai-engine help start"],
    [["serve", "--lissen", "x"], "--listen"],
    [["completions"], "ai-engine help completions"],
    [["logs", "--stream", "stdin"], "--stream stdout"],
    [["send", "hello", "world"], "quotes"],
  ] as const;
  for (const [args, hint] of wrong) {
    const { code, stdout, stderr } = await runProgram(args);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertMatch(stderr, /^error: .*\ncause: .*\ntry: +.*\n$/);
    assertStringIncludes(stderr, hint);
  }
});

Deno.test("a setting that can't be used: exit 6, by the name it was given", async () => {
  await using dir = await tempDir();
  const flag = await failToServe("--engine", "builtin", "--idle-timeout", "soon");
  assertEquals(flag.code, 6);
  assertStringIncludes(flag.stderr, '--idle-timeout is "soon"');
  const variable = await runProgram(["serve"], {
    env: { AI_ENGINE_LISTEN: "nonsense" },
    runtimeDir: dir.path,
  });
  assertEquals(variable.code, 6);
  assertStringIncludes(variable.stderr, 'AI_ENGINE_LISTEN is "nonsense"');
});

Deno.test("without a supervisor every command of a client exits with 4", async () => {
  await using dir = await tempDir();
  const commands = [
    ...[["start"], ["stop"], ["restart"], ["ps"], ["status"], ["send", "x"], ["shutdown"]],
    ...[["logs", "-f"], ["events"], ["requests"], ["metrics"], ["ui"], ["config", "reload"]],
  ];
  for (const args of commands) {
    const { stderr, ...rest } = await runProgram(args, { runtimeDir: dir.path });
    assertEquals(rest, NOTHING_RUNS, args[0]);
    assertMatch(stderr, /^error: Supervisor not reachable\ncause: .*\ntry: .*ai-engine serve/);
  }
  const { stderr, ...rest } = await runProgram(["status", "--json"], { runtimeDir: dir.path });
  assertEquals([rest, JSON.parse(stderr).code], [NOTHING_RUNS, "unreachable"]);
});

programTest("status, start, send, restart, stop, in words", BUILTIN, async (program) => {
  const stopped = await program.run(["status"]);
  assertEquals(stopped.code, 3);
  assertMatch(stopped.stdout, /^builtin +stopped\n/);
  assertMatch((await okay(program, "ps")).stdout, /^NAME +STATE .*\nbuiltin +stopped /);
  assertMatch(
    (await okay(program, "start")).stdout,
    /^started builtin \(ready in .*, pid \d+\)\n$/,
  );
  assertMatch((await okay(program, "start")).stdout, /^builtin is already running \(pid \d+, /);
  assertMatch((await okay(program, "ps")).stdout, /^NAME +STATE .*\nbuiltin +ready .* min +-\n$/);
  assertMatch((await okay(program, "status")).stdout, /^builtin +ready\n( +.*\n)+$/);
  assertEquals((await okay(program, "ps", "-q")).stdout, "builtin\n");
  assertEquals((await okay(program, "send", "hello")).stdout, "You said: hello\n");
  assertMatch((await okay(program, "restart", "builtin")).stdout, /^restarted builtin \(ready in /);
  assertMatch((await okay(program, "stop")).stdout, /^stopped builtin \(was up .*\)\n$/);
  assertEquals((await okay(program, "stop")).stdout, "builtin is already stopped\n");
  assertEquals((await program.run(["status", "builtin"])).code, 3);
});

programTest("with --json each command gives one document", BUILTIN, async (program) => {
  const engine = async (...args: readonly string[]) => {
    const { stdout, stderr } = await program.run([...args, "--json"]);
    assertEquals(stderr, "");
    return JSON.parse(stdout).engines[0];
  };
  assertEquals((await engine("status")).state, "stopped");
  assertEquals((await engine("start")).state, "ready");
  assertEquals((await engine("restart")).restarts, 1);
  const view = await viewOf(program, "builtin");
  const shown = await engine("status");
  assertEquals([Object.keys(shown), shown.pid], [Object.keys(view), view.pid]);
  const sent = JSON.parse((await okay(program, "send", "hello", "--json")).stdout);
  assertEquals([sent.message, sent.count], ["You said: hello", 1]);
  assertEquals((await engine("stop")).how, "graceful");
});

programTest("send takes its text from standard input and from a file", BUILTIN, async (program) => {
  const text = "two\nlines, ä and 😀";
  const piped = await program.run(["send", "-"], { stdin: text });
  assertEquals([piped.code, piped.stdout], [0, `You said: ${text}\n`]);
  const file = join(program.runtimeDir, "input.txt");
  await Deno.writeTextFile(file, text);
  assertEquals((await okay(program, "send", `@${file}`)).stdout, `You said: ${text}\n`);
  assertEquals((await okay(program, "send", "-e", "builtin", "")).stdout, "You said: \n");
});

programTest(
  "send refuses what no engine takes, and starts none for it: exit 2",
  BUILTIN,
  async (program) => {
    const large = await program.run(["send", "-"], { stdin: "x".repeat(2_000_000) });
    assertEquals([large.code, large.stdout], [2, ""]);
    assertMatch(large.stderr, /Standard input makes a request of more than 1 MiB/);
    const missing = await program.run(["send", "@/nowhere/input"]);
    assertEquals(missing.code, 2);
    assertMatch(missing.stderr, /\/nowhere\/input.*can't be read/);
    assertEquals((await viewOf(program, "builtin")).state, "stopped");
  },
);

programTest(
  "a name that no engine has: exit 5, and the one that was meant",
  BUILTIN,
  async (program) => {
    for (const args of [["start", "bultin"], ["stop", "bultin"], ["send", "-e", "bultin", "x"]]) {
      const { code, stderr } = await program.run(args);
      assertEquals(code, 5, args.join(" "));
      assertMatch(stderr, /Did you mean builtin\?/);
    }
    const { code, stderr } = await program.run(["status", "../builtin", "--json"]);
    assertEquals([code, JSON.parse(stderr).code], [5, "unknown_engine"]);
  },
);

programTest("an engine that fails: exit 1, its last lines, and the same as a document", {
  ...scripted("exit=3"),
}, async (program) => {
  const words = await program.run(["send", "hello"]);
  assertEquals([words.code, words.stdout], [1, ""]);
  assertMatch(words.stderr, /^error: scripted: Engine crashed\n[^]*\| the model file is missing\n/);
  const { code, stderr } = await program.run(["start", "--json"]);
  const { source, lastLines } = JSON.parse(stderr);
  assertEquals([code, source], [1, "supervisor"]);
  assert(lastLines.includes("the model file is missing"));
  const status = await program.run(["status"]);
  assertEquals(status.code, 3);
  assertMatch(status.stdout, /^scripted +failed\n[^]* error +Engine crashed [^]* code 3/);
});

programTest(
  "an engine's own error: exit 1, with its status and words",
  scripted("bare"),
  async (program) => {
    const { code, stdout, stderr } = await program.run(["send", "hello"]);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /The answer has status 404\ncause: the engine has no such path/);
  },
);

programTest("stop --hold keeps it stopped until a start by hand", BUILTIN, async (program) => {
  assertEquals(
    (await okay(program, "stop", "--hold")).stdout,
    "builtin is already stopped; it stays stopped until `ai-engine start builtin`\n",
  );
  const { code, stderr } = await program.run(["send", "hello"]);
  assertEquals(code, 1);
  assertMatch(stderr, /^error: builtin: Stopped by user/);
  await okay(program, "start");
  await okay(program, "send", "hello");
});

programTest("start --no-wait does not wait", scripted("gate=go"), async (program) => {
  assertMatch((await okay(program, "start", "--no-wait")).stdout, /^scripted is starting\n$/);
  assertEquals((await program.run(["status"])).code, 3);
  await openGate(program, "go");
  await okay(program, "start");
});

for (const [osSignal, exit] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  programTest(`a command ended by ${osSignal} exits with ${exit}, what was begun goes on`, {
    ...scripted("gate=go"),
  }, async (program) => {
    const [command, ...first] = programCommand();
    const child = new Deno.Command(command, {
      args: [...first, "start", "--control", program.control],
      env: { XDG_RUNTIME_DIR: program.runtimeDir },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await program.printed(/waiting for go/);
    child.kill(osSignal);
    const { code, stderr } = await child.output();
    assertEquals([code, new TextDecoder().decode(stderr)], [
      exit,
      "interrupted: what was begun in the engine goes on\n",
    ]);
    assertEquals((await viewOf(program)).state, "starting");
    await openGate(program, "go");
    assertEquals((await act(program, "start")).body.restarts, 0);
  });
}

for (const force of [[], ["--force"]]) {
  programTest(["shutdown", ...force, "closes the program"].join(" "), BUILTIN, async (program) => {
    await okay(program, "start");
    assertEquals((await okay(program, "shutdown", ...force)).stdout, "the supervisor is closed\n");
    assertEquals((await program.ended()).code, 0);
    assertEquals((await program.run(["status"])).code, 4);
  });
}

programTest(
  "a second supervisor in the same place: exit 10, and who has it",
  BUILTIN,
  async (program) => {
    const args = ["serve", "--listen", "127.0.0.1:0", "--engine", "builtin"];
    const second = await program.run(args);
    assertEquals([second.code, second.stdout], [10, ""]);
    assertMatch(second.stderr, new RegExp(`already running in .*: process ${program.pid}, which`));
    assertStringIncludes(second.stderr, program.control);
    const { code, stderr } = await program.run([...args, "--json"]);
    assertEquals([code, JSON.parse(stderr).code], [10, "already_running"]);
    assertEquals((await okay(program, "send", "hello")).stdout, "You said: hello\n");
  },
);

Deno.test("a port that is taken: exit 9, and by what setting", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${taken.addr.port}`;
  const { code, stdout, stderr } = await failToServe("--engine", "builtin", "--listen", address);
  assertEquals([code, stdout], [9, ""]);
  assertStringIncludes(stderr, `${address} is in use by another program`);
  assertStringIncludes(stderr, "`--listen` (AI_ENGINE_LISTEN)");
});

Deno.test("no word means serve", async () => {
  const { code, stderr } = await runProgram(["--listen", "0.0.0.0:0", "--engine", "builtin"]);
  assertEquals(code, 6);
  assertStringIncludes(stderr, "0.0.0.0 can be reached from other machines");
});

Deno.test("settings come from the environment, and a flag beats it", async () => {
  const env = {
    AI_ENGINE_ENGINE: "builtin",
    AI_ENGINE_IDLE_TIMEOUT: "7",
    AI_ENGINE_START_TIMEOUT: "x",
  };
  await using program = await RunningProgram.start({ env, args: ["--start-timeout", "5s"] });
  assertEquals((await viewOf(program, "builtin")).idleTimeoutMs, 7_000);
});

programTest("serve says where, which engine, and how to stop", BUILTIN, async (program) => {
  assertMatch(program.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  await program.printed(
    /AI Engine \d.*\n +open +http:.*\n +engine +builtin .*\n +control +.*sock\n +stop +Ctrl-C/,
  );
});

programTest("every line that serve says on stderr has its prefix", scripted(), async (program) => {
  await okay(program, "send", "hello");
  await okay(program, "shutdown");
  await program.ended();
  const lines = program.stderr.trimEnd().split("\n");
  assertEquals(lines.filter((line) => !/^\[(ai-engine|scripted)\] /.test(line)), []);
  assert(lines.includes("[scripted] listening"));
});

/** A command that has to succeed and to be quiet on stderr. */
async function okay(program: RunningProgram, ...args: readonly string[]) {
  const finished = await program.run(args);
  assertEquals([finished.code, finished.stderr], [0, ""], args.join(" "));
  return finished;
}
