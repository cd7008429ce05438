import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  chooseEngine,
  type HostFacts,
  isPacked,
  LOG_DEFAULTS,
  readSettings,
  resolveSettings,
} from "../../src/config/mod.ts";
import { ConfigError, type FileInfo } from "../../src/core/mod.ts";
import { fakeFiles, FOLDER, LINK, PROGRAM, TEXT } from "./support/fake_files.ts";
import { type Flags, givenOnce } from "./support/given_once.ts";

const HOST: HostFacts = {
  os: "linux",
  arch: "x86_64",
  standalone: true,
  programDir: "/opt/ai",
  pathDirs: ["/usr/local/bin", "/usr/bin"],
  builtinArgv: ["/opt/ai/ai-engine", "__engine"],
};
const SIDECAR = "/opt/ai/ai-engine-sidecar-x86_64-linux";
const IN_FOLDER = `${SIDECAR}/ai-engine-sidecar-x86_64-linux`;
const PACKAGE = "/py/ai_engine/__main__.py";
const VENV_PYTHON = "/py/.venv/bin/python";

interface Given {
  readonly flags?: Flags;
  readonly there?: Readonly<Record<string, FileInfo>>;
  readonly host?: Partial<HostFacts>;
}

function choose({ flags = {}, there = {}, host = {} }: Given) {
  const requested = readSettings({ flags: givenOnce(flags), env: {}, cwd: "/home/ada" });
  return chooseEngine(requested.engines[0], {
    files: fakeFiles(there),
    host: { ...HOST, ...host },
  });
}

async function commandOf(given: Given) {
  const { engine, notices } = await choose(given);
  return { name: engine.name, kind: engine.kind, command: engine.command, told: notices.length };
}

function refusal(given: Given) {
  return assertRejects(() => choose(given), ConfigError);
}

Deno.test("without a choice the sidecar beside the program runs", async () => {
  const python = { [PACKAGE]: TEXT, [VENV_PYTHON]: LINK };
  assertEquals(
    await commandOf({ flags: { "python-dir": "/py" }, there: { [SIDECAR]: PROGRAM, ...python } }),
    { name: "python", kind: "python", command: [SIDECAR], told: 0 },
  );
});

Deno.test("the sidecar may be a folder of that name, or a link to one", async () => {
  for (const folder of [FOLDER, LINK]) {
    const { command } = await commandOf({ there: { [SIDECAR]: folder, [IN_FOLDER]: PROGRAM } });
    assertEquals(command, [IN_FOLDER]);
  }
});

Deno.test("the sidecar's name follows architecture and system", async () => {
  const host = { os: "windows", arch: "aarch64" };
  const file = "/opt/ai/ai-engine-sidecar-aarch64-windows.exe";
  assertEquals((await commandOf({ host, there: { [file]: PROGRAM } })).command, [file]);
});

Deno.test("without a sidecar Python runs, with the environment of --python-dir", async () => {
  const there = { [PACKAGE]: TEXT, [VENV_PYTHON]: LINK, "/usr/bin/python3": LINK };
  const { engine, notices } = await choose({ flags: { "python-dir": "/py" }, there });
  assertEquals(engine.command, [VENV_PYTHON, "-m", "ai_engine"]);
  const set = { PYTHONPATH: "/py", PYTHONSAFEPATH: "1" };
  assertEquals(engine.environment, { inherit: "all", set });
  assertEquals([engine.name, engine.kind, notices.length], ["python", "python", 0]);
});

Deno.test("without an environment in --python-dir the first python3 of the PATH runs", async () => {
  const there = { [PACKAGE]: TEXT, "/usr/bin/python3": LINK, "/usr/local/bin/python3": TEXT };
  const { command } = await commandOf({ flags: { "python-dir": "/py" }, there });
  assertEquals(command, ["/usr/bin/python3", "-m", "ai_engine"]);
});

Deno.test("from source the Python engine of the source counts once its environment is there", async () => {
  const host = { standalone: false, programDir: "/src" };
  const source = { "/src/engine/python/ai_engine/__main__.py": TEXT, "/usr/bin/python3": LINK };
  const python = "/src/engine/python/.venv/bin/python";
  assertEquals((await commandOf({ host, there: source })).kind, "builtin");
  assertEquals((await commandOf({ host, there: { ...source, [python]: LINK } })).command, [
    python,
    "-m",
    "ai_engine",
  ]);
  assertEquals(
    (await commandOf({ host: { programDir: "/src" }, there: { ...source, [python]: LINK } })).kind,
    "builtin",
  );
});

Deno.test("with nothing found the built-in engine runs, and a notice says what was tried", async () => {
  const { engine, notices } = await choose({});
  assertEquals(engine.command, ["/opt/ai/ai-engine", "__engine"]);
  assertEquals([engine.name, engine.kind], ["builtin", "builtin"]);
  assertEquals(notices.length, 1);
  assertStringIncludes(notices[0]?.detail ?? "", `tried: ${IN_FOLDER}, ${SIDECAR}.`);
  assertStringIncludes(notices[0]?.remedy ?? "", "--python-dir");
});

Deno.test("--engine builtin takes the built-in engine, whatever is there, without a notice", async () => {
  const { kind, told } = await commandOf({
    flags: { engine: "builtin" },
    there: { [SIDECAR]: PROGRAM },
  });
  assertEquals([kind, told], ["builtin", 0]);
});

Deno.test("--engine python with nothing found names every path that was tried, and why not", async () => {
  const alone = await refusal({ flags: { engine: "python" } });
  assertEquals(alone.code, "binary_missing");
  assertStringIncludes(alone.message, "--engine is python");
  assertStringIncludes(alone.message, `tried: ${IN_FOLDER}, ${SIDECAR}.`);
  assertStringIncludes(alone.remedy, "--python-dir (AI_ENGINE_PYTHON_DIR)");

  const noPackage = await refusal({ flags: { engine: "python", "python-dir": "/py" } });
  assertStringIncludes(noPackage.message, `${SIDECAR}, ${PACKAGE}.`);

  const noPython = await refusal({
    flags: { engine: "python", "python-dir": "/py" },
    there: { [PACKAGE]: TEXT, [SIDECAR]: TEXT, "/usr/bin/python3": FOLDER },
  });
  assertStringIncludes(
    noPython.message,
    `tried: ${IN_FOLDER}, ${SIDECAR} (not executable), ${VENV_PYTHON}, ` +
      "/usr/local/bin/python3, /usr/bin/python3 (a folder).",
  );
});

Deno.test("--engine PATH runs the program there under its own name", async () => {
  assertEquals(
    await commandOf({
      flags: { engine: "bin/My Server.bin" },
      there: { "/home/ada/bin/My Server.bin": PROGRAM, [SIDECAR]: PROGRAM },
    }),
    { name: "my-server", kind: "command", command: ["/home/ada/bin/My Server.bin"], told: 0 },
  );
});

Deno.test("--engine of a .py file runs it with the Python that is found", async () => {
  const script = { "/home/ada/my_engine.py": TEXT };
  const flags = { engine: "my_engine.py" };
  assertEquals(
    await commandOf({ flags, there: { ...script, "/usr/bin/python3": PROGRAM } }),
    {
      name: "my_engine",
      kind: "command",
      command: ["/usr/bin/python3", "/home/ada/my_engine.py"],
      told: 0,
    },
  );
  const { command } = await commandOf({
    flags: { ...flags, "python-dir": "/py" },
    there: { ...script, "/usr/bin/python3": PROGRAM, [VENV_PYTHON]: LINK },
  });
  assertEquals(command, [VENV_PYTHON, "/home/ada/my_engine.py"]);

  const error = await refusal({ flags, there: script });
  assertEquals(error.code, "binary_missing");
  assertStringIncludes(error.message, "tried: /usr/local/bin/python3, /usr/bin/python3.");
  assertStringIncludes(error.remedy, "Install Python 3.11");
});

Deno.test("--engine PATH that can't be run says what is wrong with it", async () => {
  const path = "/home/ada/server";
  const flags = { engine: path };
  const missing = await refusal({ flags });
  assertEquals(missing.code, "binary_missing");
  assertStringIncludes(
    missing.message,
    `--engine names a program that is not there; tried: ${path}.`,
  );

  const cases: readonly [FileInfo, string, string][] = [
    [TEXT, "which is not executable", `chmod +x ${path}`],
    [FOLDER, "which is a folder", "Name the program itself."],
    [{ ...TEXT, kind: "socket" }, "which is not a file", "Name the program itself."],
  ];
  for (const [info, why, remedy] of cases) {
    const error = await refusal({ flags, there: { [path]: info } });
    assertEquals(error.code, "config_invalid");
    assertStringIncludes(error.message, why);
    assertStringIncludes(error.remedy, remedy);
  }
  for (const info of [LINK, { ...PROGRAM, mode: 0o700 }, { ...PROGRAM, mode: 0o501 }]) {
    assertEquals((await commandOf({ flags, there: { [path]: info } })).command, [path]);
  }
});

Deno.test("resolveSettings() puts the limits that were asked for on the engine that was found", async () => {
  const flags = {
    listen: "127.0.0.1:0",
    tls: null,
    control: "/tmp/c.sock",
    engine: "builtin",
    "engine-socket": "/tmp/e.sock",
    "idle-timeout": "2s",
    "start-timeout": "1m",
    "health-path": "/up",
    "log-level": "debug",
    "token-file": "/etc/ai-engine/tokens",
  };
  const requested = readSettings({ flags: givenOnce(flags), env: {}, cwd: "/" });
  const { settings, notices } = await resolveSettings(requested, {
    files: fakeFiles({}),
    host: HOST,
  });
  assertEquals(notices, []);
  assertEquals(settings, {
    listen: [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }],
    tls: null,
    control: "/tmp/c.sock",
    engines: [{
      name: "builtin",
      kind: "builtin",
      command: HOST.builtinArgv,
      environment: { inherit: "all", set: {} },
      cwd: null,
      nice: null,
      user: null,
      group: null,
      memory: { maxBytes: null },
      stopCommand: null,
      model: null,
      remote: null,
      transport: null,
      socket: "/tmp/e.sock",
      port: null,
      models: [],
      healthPath: "/up",
      ready: { by: "health", line: null },
      startTimeoutMs: 60_000,
      idleTimeoutMs: 2_000,
      graceMs: 500,
      slots: null,
      queue: { max: 1_024, timeoutMs: 600_000 },
      priority: 0,
      replicas: { min: 1, max: null },
      size: { memoryBytes: null, vramBytes: 0 },
      pin: false,
      exclusive: null,
      drainMs: 5_000,
      reloadDrainMs: 600_000,
      keep: "when_used",
      liveness: "restart",
      limits: { connectMs: 1_000, headMs: 600_000, bodyIdleMs: 600_000, inputMs: 600_000 },
      watch: [],
      revision: 0,
    }],
    limits: { headMs: 10_000, idleMs: 75_000, bodyIdleMs: 60_000, writeStallMs: 120_000 },
    logs: { ...LOG_DEFAULTS, level: "debug" },
    access: { tokenFile: "/etc/ai-engine/tokens", hosts: [], origins: [] },
    routing: { defaultModel: null, bodyBytes: 33_554_432 },
    budget: { memoryBytes: null, vramBytes: null },
    swap: { maxWaitMs: 30_000, minStayMs: 5_000 },
    reload: { watch: false },
  });
});

Deno.test("a command has the time of large models, ours what they need", async () => {
  const limitsOf = async (engine: string) => {
    const requested = readSettings({ flags: givenOnce({ engine }), env: {}, cwd: "/" });
    const files = fakeFiles({ "/bin/server": PROGRAM });
    const { settings } = await resolveSettings(requested, { files, host: HOST });
    const [{ startTimeoutMs, graceMs, slots, liveness }] = settings.engines;
    return { startTimeoutMs, graceMs, slots, liveness };
  };
  assertEquals(await limitsOf("/bin/server"), {
    startTimeoutMs: 300_000,
    graceMs: 10_000,
    slots: null,
    liveness: "off",
  });
  assertEquals(await limitsOf("builtin"), {
    startTimeoutMs: 10_000,
    graceMs: 500,
    slots: null,
    liveness: "restart",
  });
});

const GGUF = "/models/Tiny Llama.Q8_0.gguf";
const WITH_PYTHON = { [PACKAGE]: TEXT, [VENV_PYTHON]: LINK, "/py": FOLDER };

function resolveModels(model: string, there: Readonly<Record<string, FileInfo>>) {
  const flags = { model: [model, model], "python-dir": ["/py"], "idle-timeout": ["1m"] };
  const requested = readSettings({ flags, env: {}, cwd: "/models" });
  return resolveSettings(requested, { files: fakeFiles(there), host: HOST });
}

Deno.test("--model adds a Python engine that is told its file, with the time of large ones", async () => {
  const { settings } = await resolveModels("Tiny Llama.Q8_0.gguf", {
    ...WITH_PYTHON,
    [GGUF]: TEXT,
  });
  const [first, second, ...others] = settings.engines;
  assertEquals([first.name, second?.name, others.length], ["python", "tiny-llama.q8_0", 0]);
  assertEquals(first.models.map(({ name, aliases }) => [name, aliases]), [
    ["all-MiniLM-L6-v2", ["python"]],
  ]);
  assertEquals([second?.kind, second?.command], ["python", first.command]);
  assertEquals([second?.model, second?.models.map(({ name }) => name)], [GGUF, [
    "Tiny Llama.Q8_0",
  ]]);
  assertEquals([second?.startTimeoutMs, second?.idleTimeoutMs], [600_000, 60_000]);
  assertEquals(second?.environment.set, {
    PYTHONPATH: "/py",
    PYTHONSAFEPATH: "1",
    AI_ENGINE_MODEL_PATH: GGUF,
    AI_ENGINE_MODEL_NAME: "Tiny Llama.Q8_0",
  });
  assertEquals(first.environment.set, { PYTHONPATH: "/py", PYTHONSAFEPATH: "1" });
});

Deno.test("--model names a file that is there, and needs the Python engine", async () => {
  const absent = await assertRejects(() => resolveModels("/no.gguf", WITH_PYTHON), ConfigError);
  assertStringIncludes(absent.message, "--model names the model /no.gguf, which is not there.");
  const folder = { ...WITH_PYTHON, [GGUF]: FOLDER };
  const noFile = await assertRejects(() => resolveModels(GGUF, folder), ConfigError);
  assertStringIncludes(noFile.message, "which is a folder.");
  const noPython = await assertRejects(() => resolveModels(GGUF, { [GGUF]: TEXT }), ConfigError);
  assertStringIncludes(noPython.message, "--model needs the Python engine, and none was found");
});

Deno.test("a folder that this user is not let into has no program; the PATH is looked through to its end", async () => {
  const files = fakeFiles({ "/usr/bin/python3": PROGRAM, [PACKAGE]: TEXT });
  const hidden = {
    ...files,
    info: (path: string) =>
      path.startsWith("/root/")
        ? Promise.reject(new Error("Permission denied (os error 13)"))
        : files.info(path),
  };
  const choose = (engine: string) => {
    const flags = givenOnce({ engine, "python-dir": "/py" });
    const [requested] = readSettings({ flags, env: {}, cwd: "/home/ada" }).engines;
    const host = { ...HOST, pathDirs: ["/root/bin", "/usr/bin"] };
    return chooseEngine(requested, { files: hidden, host });
  };
  const { engine } = await choose("python");
  assertEquals(engine.command[0], "/usr/bin/python3");
  const error = await assertRejects(() => choose("/root/server"), ConfigError);
  assertStringIncludes(error.message, "/root/server, which is hidden from this user");
});

Deno.test("an engine in the executable comes after a sidecar and a folder that somebody named", async () => {
  const host = { hasPackedEngine: true };
  const packed = {
    name: "python",
    kind: "python",
    command: ["packed:ai-engine-sidecar-x86_64-linux"],
    told: 0,
  } as const;
  assertEquals(await commandOf({ host }), packed);
  assertEquals(await commandOf({ host, flags: { engine: "python" } }), packed);
  const python = { [PACKAGE]: TEXT, [VENV_PYTHON]: LINK };
  const beside = await commandOf({ host, there: { [SIDECAR]: PROGRAM } });
  assertEquals(beside.command, [SIDECAR]);
  const named = await commandOf({ host, flags: { "python-dir": "/py" }, there: python });
  assertEquals(named.command, [VENV_PYTHON, "-m", "ai_engine"]);
});

Deno.test("isPacked() tells what is in the executable from other commands", async () => {
  const packed = await choose({ host: { hasPackedEngine: true } });
  const other = await choose({});
  assertEquals([isPacked(packed.engine), isPacked(other.engine)], [true, false]);
});
