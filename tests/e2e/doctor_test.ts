/** `ai-engine doctor` on what is really broken. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Finished, type ProgramOptions, runProgram } from "../support/program.ts";
import { act, BUILTIN, isRoot, tempDir, withProgram, works } from "./support/harness.ts";
import { HIDE_CGROUPS } from "./support/hide_cgroups.ts";

interface Finding {
  readonly check: string;
  readonly verdict: "ok" | "note" | "wrong";
  readonly says: string;
  readonly fix: string | null;
}

interface Report {
  readonly code: number;
  readonly findings: readonly Finding[];
  /** What is wrong, each as `check: says`. */
  readonly wrong: readonly string[];
}

type Given = Omit<ProgramOptions, "args" | "listen"> & { readonly args?: readonly string[] };

/** On a free port and with the built-in engine, where nothing else is given. */
async function examine(dir: string, { args = [], ...options }: Given = {}): Promise<Report> {
  const engine = args.includes("--engine") || args.includes("--config") ? [] : BUILTIN.args ?? [];
  const listen = args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
  const finished = await runProgram(["doctor", "--json", ...engine, ...listen, ...args], {
    runtimeDir: dir,
    ...options,
  });
  return toReport(finished);
}

function toReport({ code, stdout, stderr }: Finished): Report {
  assertEquals(stderr, "", stdout);
  const { findings, wrong } = JSON.parse(stdout) as { findings: Finding[]; wrong: number };
  const found = findings.filter(({ verdict }) => verdict === "wrong");
  assertEquals([found.length, code], [wrong, wrong === 0 ? 0 : 1], stdout);
  assert(found.every(({ fix }) => fix !== null), stdout);
  return { code, findings, wrong: found.map(({ check, says }) => `${check}: ${says}`) };
}

/** What it says of `check`. */
function of({ findings }: Report, check: string): string {
  const found = findings.filter((finding) => finding.check === check);
  return found.map(({ verdict, says, fix }) => [verdict, says, fix].join(" | ")).join("\n");
}

Deno.test("where nothing is wrong it says so in short lines, and leaves nothing behind", async () => {
  await using dir = await tempDir();
  const args = ["doctor", "--engine", "builtin", "--listen", "127.0.0.1:0"];
  const { code, stdout, stderr } = await runProgram(args, { runtimeDir: dir.path });
  assertEquals([code, stderr], [0, ""], stdout);
  assertMatch(stdout, /^ok +config +no file, defaults; 1 engine$/m);
  assertMatch(stdout, /^ok +supervisor +none runs$/m);
  assertMatch(stdout, /\n\nNothing is wrong\.\n$/);
  assertEquals([...Deno.readDirSync(dir.path)], []);
});

Deno.test("a running supervisor is asked; its engines and its port are its own", () =>
  withProgram(BUILTIN, async (program) => {
    await act(program, "start", "builtin");
    const { host } = new URL(program.url);
    const report = await examine(program.runtimeDir, { args: ["--listen", host] });
    assertEquals(report.wrong, []);
    assertMatch(of(report, "supervisor"), /^ok \| \d+\.\d+\.\d+, as this command line/);
    assertEquals(of(report, "port"), `ok | ${host} is the supervisor's | `);
    assertEquals(of(report, "engine builtin"), "ok | builtin, ready | ");
  }));

Deno.test("an engine that has failed is told with what to do", () =>
  withProgram({ args: ["--engine", "/bin/false"] }, async (program) => {
    await act(program, "start", "false");
    const { wrong, findings } = await examine(program.runtimeDir);
    assertEquals(wrong.length, 1);
    assertMatch(wrong[0] ?? "", /^engine false: It is failed: .+ \(crashed\)\.$/);
    assert(findings.some(({ check, fix }) => check === "engine false" && (fix ?? "") !== ""));
  }));

Deno.test("a runtime folder that is open to others, a link, or no folder is told and left as it is", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine");
  await Deno.mkdir(path);
  await Deno.chmod(path, 0o755);
  assertEquals(of(await examine(dir.path), "runtime folder").split(" | "), [
    "wrong",
    `${path} is open to others: its mode is 0755.`,
    `chmod 700 ${path}`,
  ]);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o755);
  await Deno.rename(path, `${path}.real`);
  await Deno.symlink(`${path}.real`, path);
  assertStringIncludes(of(await examine(dir.path), "runtime folder"), "is a symbolic link");
  await Deno.remove(path);
  await Deno.writeTextFile(path, "");
  assertStringIncludes(of(await examine(dir.path), "runtime folder"), "is a file, not a folder");
});

Deno.test({
  name: "a runtime folder of another user is told",
  ignore: !isRoot,
  async fn() {
    await using dir = await tempDir();
    const path = join(dir.path, "ai-engine");
    await Deno.mkdir(path, { mode: 0o700 });
    await Deno.chown(path, 65_534, 65_534);
    const { wrong } = await examine(dir.path);
    assertEquals(wrong, [`runtime folder: ${path} belongs to another user.`]);
  },
});

Deno.test("a runtime folder that can't be made is told", async () => {
  await using dir = await tempDir();
  const { wrong } = await examine(join(dir.path, "none"));
  assertEquals(wrong.length, 1);
  assertMatch(wrong[0] ?? "", /^runtime folder: \S+ can't be made: \S+none is not there\.$/);
});

Deno.test({
  name: "little room on the disk is told",
  ignore: !isRoot || !works("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"),
  async fn() {
    await using dir = await tempDir();
    const mount = 'mount -t tmpfs -o size=1m none "$XDG_RUNTIME_DIR" && exec "$0" "$@"';
    const env = { XDG_STATE_HOME: join(dir.path, "state") };
    const { wrong } = await examine(dir.path, {
      prefix: ["unshare", "-m", "sh", "-c", mount],
      env,
    });
    assertEquals(wrong.length, 2);
    assertMatch(wrong[0] ?? "", /^runtime folder: There is little room for .*: \d+ [kM]B free\.$/);
    assertMatch(wrong[1] ?? "", /^log folder: There is little room for /);
  },
});

Deno.test("a port that another program holds is told with that program; so is an address that is not ours", async () => {
  await using dir = await tempDir();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  const { wrong } = await examine(dir.path, { args: ["--listen", address] });
  const who = Deno.build.os === "linux" ? `\\S+ \\(${Deno.pid}\\)` : "another program";
  assertEquals(wrong.length, 1);
  assertMatch(wrong[0] ?? "", new RegExp(`^port: ${address} is held by ${who}\\.$`));
  listener.close();
  const elsewhere = await examine(dir.path, { args: ["--listen", "192.0.2.1:80"] });
  assertStringIncludes(of(elsewhere, "port"), "no address of this machine");
});

Deno.test({
  name: "too few descriptors are told",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using dir = await tempDir();
    const prefix = ["sh", "-c", 'ulimit -n 64 && exec "$0" "$@"'];
    const { wrong } = await examine(dir.path, { prefix });
    assertEquals(wrong.length, 1);
    assertMatch(wrong[0] ?? "", /^descriptors: No more than 64 descriptors .* 16 clients/);
  },
});

Deno.test("without a Python on the PATH it says what needs one, and where it was looked for", async () => {
  await using dir = await tempDir();
  const script = join(dir.path, "engine.py");
  await Deno.writeTextFile(script, "");
  const { wrong } = await examine(dir.path, {
    args: ["--engine", script],
    env: { PATH: dir.path },
  });
  assertEquals(wrong.length, 1);
  assertStringIncludes(wrong[0] ?? "", "no Python was found to run it");
  assertStringIncludes(wrong[0] ?? "", join(dir.path, "python3"));
});

/** A folder of the Python engine whose Python is `script`. */
async function pythonDir(dir: string, script: string): Promise<string> {
  const bin = join(dir, ".venv", "bin");
  await Deno.mkdir(bin, { recursive: true });
  await Deno.mkdir(join(dir, "ai_engine"));
  await Deno.writeTextFile(join(dir, "ai_engine", "__main__.py"), "");
  await Deno.writeTextFile(join(bin, "python"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return dir;
}

Deno.test({
  name: "a Python that is too old, broken, or without the engine's packages is told",
  ignore: !works("python3", "--version"),
  async fn() {
    const cases: readonly [string, RegExp][] = [
      [`echo '{"version":"3.9.1","missing":[]}'`, /is Python 3\.9\.1, which is too old/],
      ["exit 3", /does not run: it ended with the code 3/],
      ['exec python3 -S -E "$@"', /can't import starlette, hypercorn\. \| \S+ -m pip install /],
    ];
    for (const [script, says] of cases) {
      await using dir = await tempDir();
      const folder = await pythonDir(join(dir.path, "python"), script);
      const args = ["--engine", "python", "--python-dir", folder];
      const report = await examine(dir.path, { args });
      assertMatch(of(report, "python"), says);
      assertEquals(report.wrong.length, 1);
    }
  },
});

Deno.test("errors of the configuration are counted with the place of the first, and no value", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine.yaml");
  await Deno.writeTextFile(path, "listen: [127.0.0.1:0]\nengines:\n  a: {kind: s3cret}\n  b: {}\n");
  const report = await examine(dir.path, { args: ["--config", path] });
  assertMatch(
    of(report, "config"),
    /^wrong \| \S+ has \d errors, in line 3: engines\.a\S* \| ai-eng/,
  );
  assertEquals(JSON.stringify(report).includes("s3cret"), false);
  const missing = await examine(dir.path, { args: ["--config", join(dir.path, "none.yaml")] });
  assertMatch(of(missing, "config"), /^wrong \| .*none\.yaml/);
});

Deno.test("a file of tokens that others can read is told, without what is in it", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "tokens");
  await Deno.writeTextFile(path, `admin ${"t".repeat(40)}\n`);
  await Deno.chmod(path, 0o644);
  const report = await examine(dir.path, { args: ["--token-file", path] });
  assertMatch(of(report, "tokens"), /^wrong \| /);
  assertEquals(JSON.stringify(report).includes("tttt"), false);
});

Deno.test("sockets: one that is too long is wrong, one that was left behind is a note", async () => {
  await using dir = await tempDir();
  const long = join(dir.path, "x".repeat(100), "control.sock");
  const { wrong } = await examine(dir.path, { args: ["--control", long] });
  assertMatch(wrong.join("\n"), /^config: The socket path .* 107/);
  await using kept = await tempDir();
  await Deno.chmod(kept.path, 0o700);
  const left = join(kept.path, "control.sock");
  const leave = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
  const { success } = await new Deno.Command("python3", { args: ["-c", leave, left] }).output();
  assert(success);
  const report = await examine(dir.path, { args: ["--control", left] });
  assertEquals([report.code, report.wrong], [0, []]);
  assertMatch(of(report, "supervisor"), /^note \| .* was left by a supervisor that was killed\./);
  assertEquals((await Deno.lstat(left)).isSocket, true);
});

Deno.test("a supervisor whose control socket is gone, or that hangs, is told with its number", () =>
  withProgram(BUILTIN, async (program) => {
    program.signal("SIGSTOP");
    const hangs = await examine(program.runtimeDir);
    program.signal("SIGCONT");
    assertMatch(of(hangs, "supervisor"), /^wrong \| It does not answer as it should: /);
    await Deno.rename(program.control, `${program.control}.away`);
    const gone = await examine(program.runtimeDir);
    assertMatch(
      of(gone, "supervisor"),
      new RegExp(`^wrong \\| Process ${program.pid} is a supervisor .* is gone\\. \\| .*kill `),
    );
    await Deno.rename(`${program.control}.away`, program.control);
    assertEquals((await examine(program.runtimeDir)).wrong, []);
  }));

Deno.test("a supervisor of another version is told, one too old to have /api/doctor as well", async () => {
  for (const [version, knows] of [["99.0.0", true], ["0.0.1", false]] as const) {
    await using dir = await tempDir();
    await Deno.chmod(dir.path, 0o700);
    const path = join(dir.path, "control.sock");
    const server = Deno.serve({ path, onListen: () => {} }, ({ url }) => {
      const report = { version, clockMovedMs: 60_000, later: ["listen"], engines: [] };
      if (new URL(url).pathname === "/health") return Response.json({ status: "ok", version });
      return knows ? Response.json(report) : new Response(null, { status: 404 });
    });
    const report = await examine(dir.path, { args: ["--control", path] });
    await server.shutdown();
    const older = knows ? "This command line is older" : "The running supervisor is older";
    assertMatch(of(report, "versions"), new RegExp(`^wrong \\| ${older} .*${version}`));
    if (!knows) continue;
    assertMatch(
      of(report, "clock"),
      /note \| Since the supervisor began, the clock was set 1 min forward/,
    );
    assertMatch(of(report, "config"), /note \| .*wait for the next start: listen\./);
  }
});

Deno.test({
  name: "where there are no cgroups it says what only they would catch",
  ignore: HIDE_CGROUPS.length === 0,
  async fn() {
    await using dir = await tempDir();
    const report = await examine(dir.path, { prefix: HIDE_CGROUPS });
    assertMatch(of(report, "cgroups"), /^note \| .*leaves its session and empties its environment/);
  },
});

Deno.test("the home folder is ~ in all that it says", async () => {
  await using home = await tempDir();
  const env = {
    HOME: home.path,
    ...{ XDG_STATE_HOME: "", XDG_DATA_HOME: "", XDG_CONFIG_HOME: "" },
    // What the program is made of is elsewhere.
    DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache", "deno"),
  };
  const report = await examine(home.path, { env });
  assertStringIncludes(of(report, "log folder"), "~/.local/state/ai-engine/logs");
  assertEquals(JSON.stringify(report).includes(home.path), false);
});
