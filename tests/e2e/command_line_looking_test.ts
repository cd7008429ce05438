/** The commands that only look, as typed, against a running program. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { programCommand, type RunningProgram, runProgram } from "../support/program.ts";
import {
  act,
  BUILTIN,
  openGate,
  programTest,
  scripted,
  SCRIPTED_PATH,
  sendInput,
  tempDir,
  withProgram,
} from "./support/harness.ts";
import { RunningCommand } from "./support/running_command.ts";

/** A command that has to succeed and to be quiet on stderr. */
async function okay(program: RunningProgram, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await program.run(args);
  assertEquals([code, stderr], [0, ""], args.join(" "));
  return stdout;
}

programTest("logs: the last lines, filtered, and as one document", scripted(), async (program) => {
  await openGate(program, "there");
  await sendInput(program, "wait there");
  const all = await okay(program, "logs");
  assertMatch(all, /^scripted +\| listening$/m);
  assertMatch(all, /^scripted +\| waiting for there$/m);
  assertEquals(await okay(program, "logs", "scripted", "--grep", "waiting"), "waiting for there\n");
  assertEquals(await okay(program, "logs", "scripted", "--stream", "stderr"), "");
  assertEquals((await okay(program, "logs", "scripted", "-n1")).trimEnd().split("\n").length, 1);
  const { schema, lines } = JSON.parse(await okay(program, "logs", "--json", "--stream", "stdout"));
  assertEquals([schema, lines.at(-1).text], [1, "waiting for there"]);
  const { code, stderr } = await program.run(["logs", "--grep", "/(/"]);
  assertEquals(code, 2);
  assertMatch(stderr, /^error: Bad request\ncause: The pattern .*\ntry: /);
});

programTest("logs -f: each line once, as it comes, until Ctrl-C", scripted(), async (program) => {
  await openGate(program, "there");
  await sendInput(program, "wait there");
  await using followed = new RunningCommand(program, ["logs", "-f", "scripted"]);
  await followed.printed(/waiting for there\n/);
  for (const n of [1, 2, 3]) {
    await openGate(program, `gate${n}`);
    await sendInput(program, `wait gate${n}`);
    await followed.printed(new RegExp(`waiting for gate${n}\n`));
  }
  followed.signal("SIGINT");
  assertEquals([await followed.ended(), followed.stderr], [130, ""]);
  const waits = followed.stdout.match(/waiting for \w+/g) ?? [];
  assertEquals(waits, ["there", "gate1", "gate2", "gate3"].map((name) => `waiting for ${name}`));
});

programTest("logs -f --grep: only what the pattern lets through", scripted(), async (program) => {
  await act(program, "start");
  await using followed = new RunningCommand(program, ["logs", "-f", "--grep", "/gate[13]$/"]);
  await openGate(program, "gate1");
  await sendInput(program, "wait gate1");
  await followed.printed(/gate1\n/);
  for (const n of [2, 3]) {
    await openGate(program, `gate${n}`);
    await sendInput(program, `wait gate${n}`);
  }
  await followed.printed(/gate3\n/);
  followed.signal("SIGTERM");
  assertEquals(await followed.ended(), 143);
  assertEquals(
    followed.stdout,
    "scripted  | waiting for gate1\nscripted  | waiting for gate3\n",
  );
});

programTest("logs -f | head ends quietly", scripted(), async (program) => {
  await openGate(program, "there");
  await act(program, "start");
  const [command, ...first] = programCommand();
  const follow = [command, ...first, "logs", "-f", "--control", program.control];
  const shell = `"$@" | { head -n 1; }; echo "code \${PIPESTATUS[0]}"`;
  const piped = new Deno.Command("bash", {
    args: ["-c", shell, "bash", ...follow],
    stdout: "piped",
    stderr: "piped",
  }).output();
  let ended = false;
  const done = piped.finally(() => ended = true);
  // Nobody can know that a reader has gone before there is something to write.
  while (!ended) await sendInput(program, "wait there");
  const { stdout, stderr } = await done;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertMatch(text(stdout), /^.* \| .*\ncode 0\n$/);
  assertEquals(text(stderr), "");
});

programTest("follows end when the supervisor closes, and say so", BUILTIN, async (program) => {
  await using logs = new RunningCommand(program, ["logs", "-f"]);
  await using events = new RunningCommand(program, ["events", "-f"]);
  await act(program, "start", "builtin");
  await Promise.all([logs.printed(/listening/), events.printed(/→ ready/)]);
  await okay(program, "shutdown");
  assertEquals([await logs.ended(), await events.ended()], [0, 0]);
  assertEquals(logs.stderr, "the supervisor has closed\n");
  assertEquals(events.stderr, "the supervisor has closed\n");
});

Deno.test("a supervisor that is gone without a word: exit 4, and what to do", async () => {
  const { RunningProgram } = await import("../support/program.ts");
  await using program = await RunningProgram.start(BUILTIN);
  await act(program, "start", "builtin");
  await using events = new RunningCommand(program, ["events", "-f"]);
  await events.printed(/→ ready/);
  program.signal("SIGKILL");
  assertEquals(await events.ended(), 4);
  assertMatch(
    events.stderr,
    /^error: Supervisor not reachable\ncause: .* broke off .*\ntry: .*`ai-engine status`/,
  );
  await program.ended();
});

programTest("events: what happened, and of one engine", BUILTIN, async (program) => {
  assertMatch(await okay(program, "events", "-e", "builtin"), /^$/);
  await sendInput(program, "hello", "builtin");
  const told = await okay(program, "events", "-e", "builtin");
  assertMatch(
    told,
    /stopped → starting \(input, .*\n.*starting → ready .*\n.*"You said: hello"\n$/,
  );
  const { events } = JSON.parse(await okay(program, "events", "--json", "-n", "1"));
  assertEquals([events.length, events[0].type, events[0].message], [
    1,
    "python_input",
    "You said: hello",
  ]);
});

programTest("requests: in flight, cancelled, and as a document", scripted(), async (program) => {
  const sent = sendInput(program, "wait GATE");
  const find = async () => {
    for (;;) {
      const { requests } = JSON.parse(await okay(program, "requests", "--json"));
      if (requests[0]?.progress.phase === "sent") return requests[0].id;
    }
  };
  const id = await find();
  assertMatch(await okay(program, "requests"), new RegExp(`^ID .*\n${id} +scripted +sent .*\n$`));
  assertEquals(await okay(program, "requests", "cancel", id), `cancelled ${id}\n`);
  await sent;
  assertMatch(await okay(program, "requests", "--failed"), /cancelled/);
  assertEquals((await program.run(["requests", "cancel", id])).code, 5);
  assertMatch(await okay(program, "logs", "--request", id), /./);
});

programTest("metrics are those of GET /metrics, ui the address", BUILTIN, async (program) => {
  assertMatch(await okay(program, "metrics"), /^ai_engine_build_info\{version="/m);
  assertEquals(await okay(program, "ui"), `${program.url}\n`);
  assertEquals(JSON.parse(await okay(program, "ui", "--json")), { schema: 1, url: program.url });
  assertEquals((await program.json("/health")).body.urls, undefined);
});

programTest(
  "send: pieces as they come, from a pipe, with its times",
  scripted(),
  async (program) => {
    await using spoken = new RunningCommand(program, ["send", "spell GATE one two", "--timings"]);
    await spoken.printed(/^one$/);
    await openGate(program, "GATE");
    assertEquals([await spoken.ended(), spoken.stdout], [0, "one two\n"]);
    assertMatch(spoken.stderr, /^total .*s, first byte .*s\n$/);
    const piped = await program.run(["send"], { stdin: "from a pipe" });
    assertEquals([piped.code, piped.stdout], [0, "You said: from a pipe\n"]);
  },
);

programTest("send --curl: the command that it prints does the same", BUILTIN, async (program) => {
  const printed = await okay(program, "send", "--curl", 'it\'s "$HOME" \\ `id`\n!');
  const { stdout } = await new Deno.Command("bash", { args: ["-c", `${printed.trimEnd()} -s`] })
    .output();
  const { message } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(message, 'You said: it\'s "$HOME" \\ `id`\n!');
});

programTest("send that is interrupted takes its request back", scripted(), async (program) => {
  await using sent = new RunningCommand(program, ["send", "spell GATE one two"]);
  await sent.printed(/^one$/);
  sent.signal("SIGINT");
  assertEquals(await sent.ended(), 130);
  assertEquals(sent.stderr, "interrupted: the request is taken back, the engine goes on\n");
  await openGate(program, "GATE");
  assertEquals((await sendInput(program, "still there")).status, 200);
});

Deno.test("lines that an engine means ill by are told whole, and do nothing", async () => {
  await using dir = await tempDir();
  const engine = join(dir.path, "evil");
  const prints = [
    `printf '<script>alert(1)</script>\\n\\033[2J\\033]0;owned\\007gone\\n\\377\\376 bytes\\n'`,
    "head -c 1048576 /dev/zero | tr '\\0' x; echo",
  ];
  const text = `#!/bin/sh\n${prints.join("\n")}\nexec python3 ${SCRIPTED_PATH}\n`;
  await Deno.writeTextFile(engine, text, { mode: 0o755 });
  await withProgram({ args: ["--engine", engine] }, async (program) => {
    await act(program, "start", "evil");
    const shown = await okay(program, "logs", "evil", "--stream", "stdout");
    assertMatch(shown, /^<script>alert\(1\)<\/script>\ngone\n\ufffd\ufffd bytes\nx{1000,}/);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\x00-\x09\x0b-\x1f\x7f]/.test(shown), false);
  });
});

Deno.test("an engine whose name has every character that is allowed is used by every command", async () => {
  await using dir = await tempDir();
  const name = "0._-abcdefghijklmnopqrstuvwxyz0123456789";
  const config = join(dir.path, "config.yaml");
  await Deno.writeTextFile(config, JSON.stringify({ engines: { [name]: { kind: "builtin" } } }));
  await withProgram({ args: ["--config", config] }, async (program) => {
    assertMatch(await okay(program, "start", name), /^started 0/);
    assertEquals(await okay(program, "ps", "-q"), `${name}\n`);
    assertEquals(await okay(program, "__names"), `${name}\n`);
    assertEquals(await okay(program, "send", "-e", name, "hello"), "You said: hello\n");
    assertStringIncludes(await okay(program, "status", name), `${name}  ready`);
    assertMatch(await okay(program, "logs", name, "--stream", "stdout"), /^listening on/);
    assertMatch(await okay(program, "events", "-e", name), /→ ready/);
    assertStringIncludes(await okay(program, "requests", "-e", name), name);
    assertMatch(await okay(program, "stop", name), /^stopped 0/);
  });
});

/** Something that answers as a supervisor does, at `path`. */
function standIn(path: string, answer: (pathname: string) => Response): Deno.HttpServer {
  return Deno.serve({ path, onListen: () => {} }, async (request) => {
    await request.body?.cancel();
    return answer(new URL(request.url).pathname);
  });
}

Deno.test("what takes too long exits with 7, what is refused with 8", async () => {
  await using dir = await tempDir();
  const control = join(dir.path, "c.sock");
  for (const [code, status, exit] of [["queue_timeout", 504, 7], ["unauthorized", 401, 8]]) {
    const problem = { source: "supervisor", code, title: "T", detail: "D.", remedy: "R." };
    await using _server = standIn(
      control,
      () => Response.json(problem, { status: Number(status) }),
    );
    const { code: got, stderr } = await runProgram(["ps", "--control", control], {
      runtimeDir: dir.path,
    });
    assertEquals([got, stderr], [exit, "error: T\ncause: D.\ntry: R.\n"]);
  }
});

Deno.test("a supervisor of another version is told of, once, and the command goes on", async () => {
  await using dir = await tempDir();
  const control = join(dir.path, "c.sock");
  await using _server = standIn(
    control,
    (path) =>
      Response.json(path === "/health" ? { status: "ok", version: "99.0.0" } : { engines: [] }),
  );
  const finished = await runProgram(["ps", "--control", control], { runtimeDir: dir.path });
  assertEquals(finished.code, 0);
  assertMatch(finished.stderr, /^note: this command line is older .* 99\.0\.0; try: .*\n$/);
});

Deno.test("names for completions come within the time somebody waits, and never an error", async () => {
  await using dir = await tempDir();
  const nobody = await runProgram(["__names"], { runtimeDir: dir.path });
  assertEquals(nobody, { code: 0, stdout: "", stderr: "" });
  const control = join(dir.path, "c.sock");
  const hangs = new AbortController();
  const server = Deno.serve(
    { path: control, onListen: () => {}, signal: hangs.signal },
    () => new Promise<Response>(() => {}),
  );
  const before = performance.now();
  const late = await runProgram(["__names"], {
    runtimeDir: dir.path,
    env: { AI_ENGINE_CONTROL: control },
  });
  assertEquals(late, { code: 0, stdout: "", stderr: "" });
  assert(performance.now() - before < 5_000);
  hangs.abort();
  await server.finished;
});

Deno.test("help, the manual page and completions need no supervisor", async () => {
  await using dir = await tempDir();
  for (const args of [["help", "exit-codes"], ["man"], ["completions", "zsh"]]) {
    const { code, stdout, stderr } = await runProgram(args, { runtimeDir: dir.path });
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, args[0] === "help" ? "130" : "ai-engine");
  }
});
