/** Where sockets may lie, what may be there before, and what is there afterwards. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { NO_OVERRIDE } from "../support/no_override.ts";
import { runProgram } from "../support/program.ts";
import {
  act,
  assertProblem,
  BUILTIN,
  failToServe,
  isRoot,
  programTest,
  scripted,
  sendInput,
  tempDir,
  viewOf,
  withProgram,
} from "./support/harness.ts";

const OTHER_USER = 12_345;

/** Everything that can be a socket's setting, with what refuses a bad place. */
const SETTINGS = [["--engine-socket", ""], ["--control", ""], ["--listen", "unix:"]] as const;

for (const [setting, prefix] of SETTINGS) {
  Deno.test(`${setting}: a path over 107 bytes is refused by the setting's name`, async () => {
    const { code, stderr } = await failToServe(setting, `${prefix}/tmp/${"x".repeat(103)}`);
    assertEquals(code, 6);
    assertMatch(stderr, new RegExp(`that ${setting} leads to has 108 bytes, .* at most 107`));
  });

  Deno.test(`${setting}: a directory that is not there is refused`, async () => {
    const { code, stderr } = await failToServe(setting, `${prefix}/nowhere/ai-engine.sock`);
    assertEquals(code, 6);
    assertStringIncludes(stderr, `${setting} is /nowhere/ai-engine.sock`);
  });

  Deno.test(`${setting}: a directory that is a symbolic link is refused`, async () => {
    await using dir = await tempDir();
    const link = join(dir.path, "link");
    await Deno.symlink(dir.path, link);
    const { code, stderr } = await failToServe(setting, `${prefix}${link}/ai-engine.sock`);
    assertEquals(code, 6);
    assertStringIncludes(stderr, `${link} is a symbolic link`);
  });

  Deno.test(`${setting}: a directory that is not writable is refused`, async () => {
    await using dir = await tempDir();
    // Root may write everywhere, but not make files here.
    const path = isRoot ? "/proc" : dir.path;
    if (!isRoot) await Deno.chmod(path, 0o500);
    const { code, stderr } = await failToServe(setting, `${prefix}${path}/ai-engine.sock`);
    assertEquals(code, 6);
    assertStringIncludes(stderr, `${path} is not writable`);
  });

  Deno.test(`${setting}: another user's directory is refused`, async () => {
    await using dir = await tempDir();
    const path = isRoot ? dir.path : "/usr";
    if (isRoot) await Deno.chown(path, OTHER_USER, OTHER_USER);
    const { code, stderr } = await failToServe(setting, `${prefix}${path}/ai-engine.sock`);
    assertEquals(code, 6);
    assertStringIncludes(stderr, `${path} belongs to another user`);
  });

  Deno.test(`${setting}: a directory that everybody can write to is refused`, async () => {
    await using dir = await tempDir();
    await Deno.chmod(dir.path, 0o777);
    const { code, stderr } = await failToServe(setting, `${prefix}${dir.path}/ai-engine.sock`);
    assertEquals(code, 6);
    assertStringIncludes(stderr, `${dir.path} can be written to by everybody`);
  });
}

Deno.test("a runtime directory that makes socket paths too long is refused by its name", async () => {
  await using dir = await tempDir();
  const long = join(dir.path, "x".repeat(90));
  await Deno.mkdir(long);
  const { code, stderr } = await serveIn(long);
  assertEquals(code, 6);
  assertMatch(stderr, /that XDG_RUNTIME_DIR leads to has 1\d\d bytes/);
});

Deno.test("a runtime directory that is a symbolic link is refused", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(join(dir.path, "elsewhere"));
  await Deno.symlink(join(dir.path, "elsewhere"), join(dir.path, "ai-engine"));
  const { code, stderr } = await serveIn(dir.path);
  assertEquals(code, 6);
  assertMatch(stderr, /The runtime directory \S+ is a symbolic link/);
});

Deno.test("a runtime directory that is not writable is refused", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(join(dir.path, "ai-engine"));
  await Deno.chmod(join(dir.path, "ai-engine"), 0o500);
  const { code, stderr } = await serveIn(dir.path, NO_OVERRIDE);
  assertEquals(code, 6);
  assertMatch(stderr, /The runtime directory \S+ is not writable\..*\n.*XDG_RUNTIME_DIR/);
});

Deno.test({
  name: "another user's runtime directory is refused",
  ignore: !isRoot,
  async fn() {
    await using dir = await tempDir();
    await Deno.mkdir(join(dir.path, "ai-engine"));
    await Deno.chown(join(dir.path, "ai-engine"), OTHER_USER, OTHER_USER);
    const { code, stderr } = await serveIn(dir.path);
    assertEquals(code, 6);
    assertMatch(stderr, /The runtime directory \S+ belongs to another user/);
  },
});

Deno.test("a socket path of exactly 107 bytes works, in a sticky directory, and is gone afterwards", async () => {
  await using dir = await tempDir();
  await Deno.chmod(dir.path, 0o1777);
  const socket = join(dir.path, "x".repeat(106 - dir.path.length));
  assertEquals(socket.length, 107);
  const control = join(dir.path, "control");
  const args = ["--engine", "builtin", "--engine-socket", socket, "--control", control];
  await withProgram({ args }, async (program) => {
    const { body } = await act(program, "start", "builtin");
    assertEquals([body.state, body.socket], ["ready", socket]);
    assertEquals([await modeOf(socket), await modeOf(control)], [0o600, 0o600]);
    const listed = await program.run(["status", "--json", "--control", control]);
    assertEquals([listed.code, JSON.parse(listed.stdout).engines[0].pid], [0, body.pid]);
  });
  assertEquals(await filesIn(dir.path), []);
});

programTest("everything is its user's alone, and the engine gets the caller's umask", {
  ...scripted(),
  prefix: ["sh", "-c", 'umask 027; exec "$@"', "sh"],
}, async (program) => {
  const { body } = await sendInput(program, "umask");
  assertEquals(body.message, "0027");
  const { socket } = await viewOf(program);
  const modes = [
    dirname(socket),
    socket,
    program.control,
    join(dirname(socket), "supervisor.lock"),
  ];
  assertEquals(await Promise.all(modes.map(modeOf)), [0o700, 0o600, 0o600, 0o600]);
});

Deno.test("a runtime directory that others could look into is closed to them", async () => {
  await using dir = await tempDir();
  const runtimeDir = join(dir.path, "run");
  await Deno.mkdir(join(runtimeDir, "ai-engine"), { recursive: true, mode: 0o755 });
  await Deno.chmod(join(runtimeDir, "ai-engine"), 0o755);
  await withProgram({ ...BUILTIN, runtimeDir }, async (program) => {
    assertEquals(await modeOf(dirname(program.control)), 0o700);
  });
});

Deno.test("stale socket files, the engine's and the control socket, are replaced", async () => {
  await using dir = await tempDir();
  const runtimeDir = join(dir.path, "run");
  await Deno.mkdir(join(runtimeDir, "ai-engine"), { recursive: true, mode: 0o700 });
  for (const name of ["engine-builtin.sock", "control.sock"]) {
    leaveStaleSocket(join(runtimeDir, "ai-engine", name));
  }
  await withProgram({ ...BUILTIN, runtimeDir }, async (program) => {
    assertEquals((await program.run(["send", "hello"])).stdout, "You said: hello\n");
  });
});

Deno.test("a live foreign listener on the engine's path is refused and never unlinked", async () => {
  await using dir = await tempDir();
  const socket = join(dir.path, "foreign.sock");
  using listener = Deno.listen({ transport: "unix", path: socket });
  const { ino } = await Deno.lstat(socket);
  await withProgram(
    { args: ["--engine", "builtin", "--engine-socket", socket] },
    async (program) => {
      for (let i = 0; i < 2; i++) {
        const started = await act(program, "start", "builtin");
        const problem = assertProblem(started, { status: 502, code: "spawn_failed" });
        assertStringIncludes(problem.detail, `${socket} is a socket on which another program`);
        assertStringIncludes(problem.remedy, "--engine-socket");
      }
    },
  );
  assertEquals((await Deno.lstat(socket)).ino, ino);
  (await Deno.connect({ transport: "unix", path: socket })).close();
  assertEquals(listener.addr.transport, "unix");
});

Deno.test("what is no socket, or a link, stands in the engine's way and stays", async (t) => {
  await using dir = await tempDir();
  const target = join(dir.path, "target");
  await Deno.writeTextFile(target, "precious");
  await Deno.symlink(target, join(dir.path, "link"));
  await Deno.mkdir(join(dir.path, "directory"));
  for (const name of ["target", "link", "directory"]) {
    await t.step(name, async () => {
      const args = ["--engine", "builtin", "--engine-socket", join(dir.path, name)];
      await withProgram({ args }, async (program) => {
        const started = await act(program, "start", "builtin");
        assertProblem(started, { status: 502, code: "spawn_failed" });
      });
    });
  }
  assertEquals(await filesIn(dir.path), ["directory", "link", "target"]);
  assertEquals(await Deno.readTextFile(target), "precious");
});

Deno.test({
  name: "another user's socket file on the engine's path stays",
  ignore: !isRoot,
  async fn() {
    await using dir = await tempDir();
    const socket = join(dir.path, "other.sock");
    leaveStaleSocket(socket);
    await Deno.chown(socket, OTHER_USER, OTHER_USER);
    const args = ["--engine", "builtin", "--engine-socket", socket];
    await withProgram({ args }, async (program) => {
      const started = await act(program, "start", "builtin");
      const problem = assertProblem(started, { status: 502, code: "spawn_failed" });
      assertStringIncludes(problem.detail, "belongs to another user");
    });
    assertEquals(await filesIn(dir.path), ["other.sock"]);
  },
});

Deno.test("a live foreign listener on the control socket's path: exit 9, never unlinked", async () => {
  await using dir = await tempDir();
  const control = join(dir.path, "foreign.sock");
  using listener = Deno.listen({ transport: "unix", path: control });
  const { code, stderr } = await failToServe("--engine", "builtin", "--control", control);
  assertEquals(code, 9);
  assertMatch(stderr, /a socket on which another program answers.*\n.*--control/);
  (await Deno.connect({ transport: "unix", path: control })).close();
  assertEquals(listener.addr.transport, "unix");
});

Deno.test("a file on the control socket's path is refused and stays", async () => {
  await using dir = await tempDir();
  const control = join(dir.path, "file");
  await Deno.writeTextFile(control, "precious");
  const { code, stderr } = await failToServe("--engine", "builtin", "--control", control);
  assertEquals(code, 9);
  assertStringIncludes(stderr, "not a socket of yours");
  assertEquals(await Deno.readTextFile(control), "precious");
});

async function serveIn(runtimeDir: string, prefix: readonly string[] = []) {
  const args = ["serve", "--listen", "127.0.0.1:0", "--engine", "builtin"];
  return await runProgram(args, { runtimeDir, prefix });
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.lstat(path)).mode ?? 0) & 0o777;
}

async function filesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();
}

/** As a process leaves it that is killed. */
function leaveStaleSocket(path: string): void {
  const listener = Deno.listen({ transport: "unix", path: `${path}-` });
  Deno.renameSync(`${path}-`, path); // or Deno would remove it
  listener.close();
}
