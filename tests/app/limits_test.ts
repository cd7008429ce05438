/** Engines with limits, whole: settings, supervisor, processes, sockets. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { fromFileUrl } from "@std/path";
import { openPlaces } from "../../src/app/places.ts";
import {
  BUDGET_DEFAULTS,
  CLIENT_LIMIT_DEFAULTS,
  DEFAULT_LISTEN,
  ENGINE_DEFAULTS,
  type EngineSettings,
  LOG_DEFAULTS,
  RELOAD_DEFAULTS,
  ROUTING_DEFAULTS,
  SECRET_VARIABLES,
  SWAP_DEFAULTS,
} from "../../src/config/mod.ts";
import { AiEngineError, ConfigError } from "../../src/core/mod.ts";
import { sweepOrphans, SystemClock } from "../../src/platform/mod.ts";
import { hasCgroups } from "../platform/support/cgroups.ts";
import { withTempDir } from "../platform/support/temp_dir.ts";
import { isAlive } from "../platform/support/trees.ts";
import { until } from "../platform/support/until.ts";
import { works } from "../e2e/support/harness.ts";
import {
  LIMITED_PATH,
  openRealSupervisor,
  type RealSupervisor,
} from "./support/real_supervisor.ts";

const isLinux = Deno.build.os === "linux";
const isRoot = Deno.uid() === 0;

/** A Python that every user can run; that of a version manager lies in somebody's home. */
const SYSTEM_PYTHON = "/usr/bin/python3";
const COMMAND = [SYSTEM_PYTHON, LIMITED_PATH] as const;
const canChangeUser = isLinux && isRoot && works(SYSTEM_PYTHON, "--version");

function limitedTest(
  name: string,
  { ignore = !isLinux, ...settings }: Partial<EngineSettings> & { readonly ignore?: boolean },
  body: (running: RealSupervisor) => Promise<void>,
): void {
  const fn = () =>
    withTempDir(async (dir) => {
      const running = await openRealSupervisor(dir, settings);
      try {
        await body(running);
      } finally {
        await running.close();
      }
    });
  Deno.test({ name, ignore, fn });
}

async function say({ supervisor }: RealSupervisor, text: string): Promise<string> {
  return String((await supervisor.input("limited", text)).json["message"]);
}

async function factsOf(running: RealSupervisor): Promise<Record<string, unknown>> {
  return JSON.parse(await say(running, "facts"));
}

async function refusalOf({ supervisor }: RealSupervisor): Promise<AiEngineError> {
  const error = await assertRejects(() => supervisor.start("limited"), AiEngineError);
  assertEquals(supervisor.view("limited").lastError?.code, "spawn_failed");
  return error;
}

const noticesOf = ({ seen }: RealSupervisor) =>
  seen.flatMap((event) => event.type === "notice" ? [`${event.title}: ${event.detail}`] : []);

limitedTest("an engine inherits what there is, and not our secrets", {}, async (running) => {
  for (const name of SECRET_VARIABLES) Deno.env.set(name, "/etc/secret");
  try {
    const { names } = await factsOf(running);
    assert(Array.isArray(names) && names.includes("PATH"));
    for (const name of SECRET_VARIABLES) assert(!names.includes(name), name);
  } finally {
    for (const name of SECRET_VARIABLES) Deno.env.delete(name);
  }
});

limitedTest("environment.inherit narrows it, environment.set adds to it", {
  environment: { inherit: ["PATH"], set: { GREETING: "hello" } },
}, async (running) => {
  const { names } = await factsOf(running);
  assert(Array.isArray(names));
  // A shell that goes before it, where there are cgroups, adds PWD; Python adds LC_CTYPE, pyenv its own.
  const own = names.filter((name) => !/^(PWD|SHLVL|LC_CTYPE|_?PYENV_.*)$/.test(name));
  assertEquals(own, ["AI_ENGINE_FRAMES", "AI_ENGINE_RUN", "AI_ENGINE_SOCKET", "GREETING", "PATH"]);
  assertEquals(await say(running, "env GREETING"), "hello");
});

limitedTest("cwd and nice are kept, and the process leads its session", {
  cwd: "/usr",
  nice: 6,
}, async (running) => {
  const { cwd, nice, leads, umask } = await factsOf(running);
  assertEquals([cwd, nice, leads, umask], ["/usr", 6, true, 0o022]);
});

limitedTest("a cwd that is not there is named; once it is there, the engine starts", {
  cwd: `/tmp/ai-engine-test-cwd-${Deno.pid}`,
}, async (running) => {
  const cwd = `/tmp/ai-engine-test-cwd-${Deno.pid}`;
  const error = await refusalOf(running);
  assertStringIncludes(error.message, `cwd is ${cwd}`);
  assertStringIncludes(error.remedy, "`cwd`");
  await Deno.mkdir(cwd);
  try {
    await running.supervisor.start("limited");
    assertEquals((await factsOf(running))["cwd"], cwd);
  } finally {
    await Deno.remove(cwd);
  }
});

limitedTest("an engine of another user serves on a socket in a folder of that user's", {
  ignore: !canChangeUser,
  command: COMMAND,
  user: "nobody",
  cwd: "/",
  nice: -2,
}, async (running) => {
  const { uid, nice, socketDir, home, leads } = await factsOf(running);
  const expected = [65_534, -2, [65_534, 0o700], "/nonexistent", true];
  assertEquals([uid, nice, socketDir, home, leads], expected);
  assertMatch(running.socket, /^\/run\/ai-engine-users\/[0-9a-f]{8}-limited\/api\.sock$/);
  assertEquals(running.supervisor.view("limited").socket, running.socket);
  const dir = running.socket.slice(0, running.socket.lastIndexOf("/"));
  // Again and again: made and removed with each process.
  await running.supervisor.stop("limited");
  assertThrows(() => Deno.lstatSync(dir), Deno.errors.NotFound);
  await running.supervisor.restart("limited");
  const pid = running.supervisor.view("limited").pid ?? 0;
  Deno.kill(pid, "SIGKILL");
  await until("it is gone", () => running.supervisor.view("limited").state === "stopped");
  assertThrows(() => Deno.lstatSync(dir), Deno.errors.NotFound);
});

limitedTest("a user that is not there is named, and nothing is left of the try", {
  ignore: !isLinux || !isRoot,
  user: "no-such-user",
}, async (running) => {
  assertStringIncludes((await refusalOf(running)).message, "user is no-such-user");
  const { pathname } = new URL(`file://${running.socket}`);
  assertThrows(() => Deno.lstatSync(pathname), Deno.errors.NotFound);
});

limitedTest("an engine that has more memory than it may is ended, and it is said by what", {
  memory: { maxBytes: 100_000_000 },
}, async (running) => {
  const { supervisor } = running;
  await supervisor.start("limited");
  const [notice = ""] = noticesOf(running);
  assertMatch(notice, /^Memory limit: limited may have 100 MB/);
  // It takes less, and lives on.
  assertEquals(await say(running, "eat 30000000"), "done");
  supervisor.input("limited", "eat 150000000").catch(() => {
    // Cut off by its end, as it should be.
  });
  await until("it is ended", () => supervisor.view("limited").state === "stopped");
  const { reason, lastError, pid } = supervisor.view("limited");
  assertEquals([reason, pid, lastError?.code], ["crash", null, "crashed"]);
  assertMatch(
    lastError?.detail ?? "",
    /limited (had [12]\d\d MB|was ended by the kernel) .*100 MB/,
  );
  assertStringIncludes(lastError?.remedy ?? "", "memory.max");
  // The next one is as good as new.
  assertEquals(await say(running, "eat 1000"), "done");
  assertEquals(noticesOf(running).filter((text) => text.startsWith("Memory limit")).length, 1);
});

Deno.test("settings that make no sense are refused before anything is opened", () =>
  withTempDir(async (dir) => {
    const clock = new SystemClock();
    const engine = { ...ENGINE_DEFAULTS, name: "a", kind: "command", command: ["a"] } as const;
    const error = await assertRejects(
      () =>
        openPlaces({
          listen: [DEFAULT_LISTEN],
          tls: null,
          control: null,
          engines: [{ ...engine, nice: 99 }],
          limits: CLIENT_LIMIT_DEFAULTS,
          logs: LOG_DEFAULTS,
          access: { tokenFile: null, hosts: [], origins: [] },
          routing: ROUTING_DEFAULTS,
          budget: BUDGET_DEFAULTS,
          swap: SWAP_DEFAULTS,
          reload: RELOAD_DEFAULTS,
        }, { env: { XDG_RUNTIME_DIR: dir }, clock, boot: "01234567" }),
      ConfigError,
    );
    clock.close();
    assertStringIncludes(error.message, "nice of the engine a is 99");
    assertEquals(Array.from(Deno.readDirSync(dir)), []);
  }));

interface Told {
  readonly boot: string;
  readonly socket: string;
  readonly pid: number;
  readonly escaped: number;
  readonly helper: number;
}

/** A supervisor in a process of its own, to be killed, whose engine runs as another user. */
async function withProgram(
  use: (child: Deno.ChildProcess, told: Told, dir: string) => Promise<void>,
) {
  const script = fromFileUrl(new URL("./support/limited_program.ts", import.meta.url));
  await withTempDir(async (dir) => {
    const settings = { command: COMMAND, user: "nobody", cwd: "/" };
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", script, dir, JSON.stringify(settings)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    const told: Told = JSON.parse(new TextDecoder().decode((await reader.read()).value));
    try {
      await use(child, told, dir);
    } finally {
      await child.stdin.close().catch(() => {});
      await reader.cancel();
      await child.status;
      for (const pid of [told.pid, told.escaped]) {
        if (await isAlive(pid)) Deno.kill(pid, "SIGKILL");
      }
    }
  });
}

function dirOf({ socket }: Told): string {
  return socket.slice(0, socket.lastIndexOf("/"));
}

const isThere = (path: string) => Deno.lstat(path).then(() => true, () => false);

Deno.test({
  name: "kill -9 of the supervisor ends an engine of another user, and its folder goes",
  ignore: !canChangeUser,
  fn: () =>
    withProgram(async (child, told) => {
      assert(await isThere(told.socket));
      child.kill("SIGKILL");
      await until("the engine is gone", async () => !await isAlive(told.pid));
      if (hasCgroups) await until("so is its child", async () => !await isAlive(told.escaped));
      await until("the folder is gone", async () => !await isThere(dirOf(told)));
    }),
});

Deno.test({
  name: "helper and supervisor killed at once: the next start ends it and removes its folder",
  ignore: !canChangeUser,
  fn: () =>
    withProgram(async (child, told, dir) => {
      Deno.kill(told.helper, "SIGSTOP");
      child.kill("SIGKILL");
      await child.status;
      Deno.kill(told.helper, "SIGKILL");
      assert(await isAlive(told.pid) && await isThere(told.socket));
      const { left } = await sweepOrphans(`${dir}/ai-engine`);
      assertEquals(left, []);
      assertEquals(await isAlive(told.pid), false);
      if (hasCgroups) assertEquals(await isAlive(told.escaped), false);
      assertEquals(await isThere(dirOf(told)), false);
    }),
});
