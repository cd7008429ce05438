import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  BUDGET_DEFAULTS,
  CLIENT_LIMIT_DEFAULTS,
  type ListenAddresses,
  LOG_DEFAULTS,
  readControl,
  readSettings,
  RELOAD_DEFAULTS,
  type RequestedSettings,
  ROUTING_DEFAULTS,
  SETTING_FLAGS,
  SETTING_NAMES,
  type SettingName,
  SWAP_DEFAULTS,
} from "../../src/config/mod.ts";
import { ConfigError, UsageError } from "../../src/core/mod.ts";
import { type Flags, givenOnce } from "./support/given_once.ts";

function read(flags: Flags, env: Record<string, string> = {}) {
  return readSettings({ flags: givenOnce(flags), env, cwd: "/home/ada" });
}

/** Where to listen, from flags in this order, or else from the variable. */
function readListen(flags: readonly string[], variable = "") {
  const env = { AI_ENGINE_LISTEN: variable };
  const listen = flags.length === 0 ? {} : { listen: flags };
  return readSettings({ flags: listen, env, cwd: "/home/ada" }).listen;
}

Deno.test("readSettings() of nothing gives the defaults of the contract", () => {
  assertEquals(read({}), {
    listen: [{ kind: "tcp", hostname: "127.0.0.1", port: 7411 }],
    tls: null,
    control: null,
    engines: [{ name: null, program: { kind: "auto" }, pythonDir: null, settings: {} }],
    logs: LOG_DEFAULTS,
    access: { tokenFile: null, hosts: [], origins: [] },
    limits: CLIENT_LIMIT_DEFAULTS,
    routing: ROUTING_DEFAULTS,
    budget: BUDGET_DEFAULTS,
    swap: SWAP_DEFAULTS,
    reload: RELOAD_DEFAULTS,
  });
});

Deno.test("readSettings() takes every setting from its flag, and from its variable", () => {
  const values: Record<SettingName, string> = {
    listen: "[::1]:0",
    engine: "./bin/server",
    model: "models/Tiny_1.5B.Q4.gguf",
    "python-dir": "py",
    "health-path": "/v1/health?deep=1",
    "start-timeout": "2m",
    grace: "3s",
    "idle-timeout": "-1",
    "engine-socket": "/tmp/ai-engine.sock",
    control: "run/control.sock",
    "log-level": "warn",
    "log-file": "log/own.log",
    "token-file": "own/tokens",
  };
  const settings = {
    socket: "/tmp/ai-engine.sock",
    healthPath: "/v1/health?deep=1",
    startTimeoutMs: 120_000,
    graceMs: 3_000,
    idleTimeoutMs: -1,
  };
  const { socket: _socket, healthPath: _path, ...shared } = settings;
  const expected = (setting: string, modelSetting: string): RequestedSettings => ({
    listen: [{ kind: "tcp", hostname: "::1", port: 0 }],
    tls: null,
    control: "/home/ada/run/control.sock",
    engines: [{
      name: null,
      program: { kind: "command", command: ["/home/ada/bin/server"], setting },
      pythonDir: "/home/ada/py",
      settings,
    }, {
      name: "tiny_1.5b.q4",
      program: { kind: "python", setting: modelSetting },
      pythonDir: "/home/ada/py",
      settings: { ...shared, model: "/home/ada/models/Tiny_1.5B.Q4.gguf" },
    }],
    logs: {
      ...LOG_DEFAULTS,
      level: "warn",
      target: { kind: "file", path: "/home/ada/log/own.log" },
    },
    access: { tokenFile: "/home/ada/own/tokens", hosts: [], origins: [] },
    limits: CLIENT_LIMIT_DEFAULTS,
    routing: ROUTING_DEFAULTS,
    budget: BUDGET_DEFAULTS,
    swap: SWAP_DEFAULTS,
    reload: RELOAD_DEFAULTS,
  });
  const env = Object.fromEntries(
    SETTING_NAMES.map((name) => [SETTING_FLAGS[name].variable, values[name]]),
  );
  assertEquals(read(values), expected("--engine", "--model"));
  assertEquals(read({}, env), expected("AI_ENGINE_ENGINE", "AI_ENGINE_MODEL"));
});

Deno.test("each --x-y is AI_ENGINE_X_Y, but for the engine's socket", () => {
  for (const name of SETTING_NAMES) {
    const expected = name === "engine-socket"
      ? "AI_ENGINE_SERVE_SOCKET"
      : `AI_ENGINE_${name.toUpperCase().replaceAll("-", "_")}`;
    assertEquals<string>(SETTING_FLAGS[name].variable, expected);
  }
});

Deno.test("a flag beats the environment, also when the variable could not be used", () => {
  const flags = { "idle-timeout": "1s" };
  const { engines: [{ settings }] } = read(flags, { AI_ENGINE_IDLE_TIMEOUT: "garbage" });
  assertEquals(settings.idleTimeoutMs, 1_000);
});

Deno.test("an empty variable counts as not set; an empty flag is an error", () => {
  assertEquals(read({}, { AI_ENGINE_LISTEN: "", AI_ENGINE_CONTROL: "" }), read({}));
  for (const name of SETTING_NAMES) {
    const error = assertThrows(() => read({ [name]: "" }), ConfigError);
    assertStringIncludes(error.message, `--${name} is ""`);
  }
});

Deno.test("of a flag that is given again the last counts, where one value is wanted", () => {
  const flags = { engine: ["./a", "builtin"], "idle-timeout": ["garbage", "1s"] };
  const { engines: [{ program, settings }] } = readSettings({ flags, env: {}, cwd: "/" });
  assertEquals([program.kind, settings.idleTimeoutMs], ["builtin", 1_000]);
});

Deno.test("--listen may be repeated, and AI_ENGINE_LISTEN has commas between addresses", () => {
  const addresses = ["127.0.0.1:0", "[::1]:8080", "unix:/tmp/a.sock", "unix:run/b.sock"];
  const expected: ListenAddresses = [
    { kind: "tcp", hostname: "127.0.0.1", port: 0 },
    { kind: "tcp", hostname: "::1", port: 8080 },
    { kind: "unix", path: "/tmp/a.sock" },
    { kind: "unix", path: "/home/ada/run/b.sock" },
  ];
  assertEquals(readListen(addresses), expected);
  assertEquals(readListen([], addresses.join(",")), expected);
  assertEquals(readListen([], ` ${addresses.join(" , ")} `), expected);
  assertEquals(readListen(["unix:a,b c"]), [{ kind: "unix", path: "/home/ada/a,b c" }]);
});

Deno.test("a flag stands instead of the addresses of the environment, not beside them", () => {
  assertEquals(readListen(["[::1]:1"], "127.0.0.1:1,nonsense"), readListen(["[::1]:1"]));
});

Deno.test("an address that is given twice is a usage error, in whatever words", () => {
  const twice: readonly [readonly string[], string][] = [
    [["127.0.0.1:80", "[::1]:80", "127.0.0.1:80"], "127.0.0.1:80"],
    [["LOCALHOST:80", "localhost:80"], "localhost:80"],
    [["[::1]:80", "[0:0::1]:80"], "[::1]:80"],
    [["unix:/home/ada/a", "unix:./b/../a"], "unix:/home/ada/a"],
  ];
  for (const [addresses, address] of twice) {
    const flag = assertThrows(() => readListen(addresses), UsageError);
    assertEquals([flag.message, flag.remedy], [
      `--listen names "${address}" twice.`,
      "Name each address once.",
    ]);
    const variable = assertThrows(() => readListen([], addresses.join()), UsageError);
    assertEquals(variable.message, `AI_ENGINE_LISTEN names "${address}" twice.`);
  }
});

Deno.test("several free ports of one host are no address twice", () => {
  assertEquals(readListen(["127.0.0.1:0", "127.0.0.1:0"]).length, 2);
});

Deno.test("of several addresses the error names the one that can't be used", () => {
  const fix = "Write a host and a port, or the path of a socket, for example";
  const flag = assertThrows(() => readListen(["[::1]:80", "x"]), ConfigError);
  assertEquals([flag.message, flag.remedy], [
    '--listen is "x", where HOST:PORT or unix:PATH is expected.',
    `${fix} --listen 127.0.0.1:7411.`,
  ]);
  for (const [value, part] of [["[::1]:80,x", "x"], ["[::1]:80,", ""], [",", ""]] as const) {
    const variable = assertThrows(() => readListen([], value), ConfigError);
    assertEquals([variable.message, variable.remedy], [
      `AI_ENGINE_LISTEN lists "${part}", where HOST:PORT or unix:PATH is expected.`,
      `${fix} AI_ENGINE_LISTEN=127.0.0.1:7411.`,
    ]);
  }
});

Deno.test("AI_ENGINE_SOCKET belongs to the engine and sets nothing here", () => {
  assertEquals(read({}, { AI_ENGINE_SOCKET: "/tmp/x", AI_ENGINE_RUN: "1" }), read({}));
});

Deno.test("--engine builtin and --engine python are words, anything else is a path", () => {
  const programOf = (engine: string) => read({ engine }).engines[0].program;
  assertEquals(programOf("builtin"), { kind: "builtin" });
  assertEquals(programOf("python"), { kind: "python", setting: "--engine" });
  assertEquals(programOf("./python"), {
    kind: "command",
    command: ["/home/ada/python"],
    setting: "--engine",
  });
});

Deno.test("an error names the flag or the variable, the value, why, and what would do", () => {
  const cases: readonly [Flags, Record<string, string>, string, string][] = [
    [
      { listen: "7411" },
      {},
      '--listen is "7411", which has no host.',
      "Write a host and a port, for example --listen 127.0.0.1:7411.",
    ],
    [
      {},
      { AI_ENGINE_LISTEN: "127.0.0.1:70000" },
      'AI_ENGINE_LISTEN is "127.0.0.1:70000", whose port is over 65535.',
      "Take a port from 0 to 65535, for example AI_ENGINE_LISTEN=127.0.0.1:7411.",
    ],
    [
      { listen: "unix:" },
      {},
      '--listen is "unix:", which names no path.',
      "Write the path of a socket, for example --listen unix:/tmp/ai-engine-api.sock.",
    ],
    [
      { "start-timeout": "0" },
      {},
      '--start-timeout is "0", which leaves no time to start.',
      "Give a start some time, for example --start-timeout 10s.",
    ],
    [
      { "idle-timeout": "5x" },
      {},
      '--idle-timeout is "5x", which is not a duration.',
      "Write a number and a unit (ms, s, m, h, d), or -1 for never, for example --idle-timeout 5m.",
    ],
    [
      { "health-path": "health" },
      {},
      '--health-path is "health", which is not the path of a request.',
      "Begin with / and use at most 1024 letters, digits and signs without spaces or #, " +
      "for example --health-path /health.",
    ],
    [
      {},
      { AI_ENGINE_ENGINE: "a\0b" },
      'AI_ENGINE_ENGINE is "a\\u0000b", which is not a path.',
      "Name a file or a folder, for example AI_ENGINE_ENGINE=./engine.",
    ],
  ];
  for (const [flags, env, detail, remedy] of cases) {
    const error = assertThrows(() => read(flags, env), ConfigError);
    assertEquals([error.code, error.message, error.remedy], ["config_invalid", detail, remedy]);
  }
});

Deno.test("a health path can't smuggle anything into the request line", () => {
  for (
    const path of ["/a b", "/a\r\nHost: x", "/\0", "/ä", "/#x", "*", "http://x/", "/".repeat(2_000)]
  ) {
    assertThrows(() => read({ "health-path": path }), ConfigError, "not the path of a request");
  }
});

Deno.test("a socket path of more than 107 bytes is refused, relative ones by their whole length", () => {
  const fits = `/${"a".repeat(106)}`;
  assertEquals(read({ "engine-socket": fits }).engines[0].settings.socket, fits);
  const tooLong: readonly [Flags, Record<string, string>, string][] = [
    [{ "engine-socket": `${fits}a` }, {}, "--engine-socket"],
    [{ control: `/${"ä".repeat(54)}` }, {}, "--control"],
    [{ listen: `unix:${fits}a` }, {}, "--listen"],
    [{}, { AI_ENGINE_LISTEN: `[::1]:0,unix:${"x".repeat(100)}` }, "AI_ENGINE_LISTEN"],
    [{}, { AI_ENGINE_SERVE_SOCKET: `${fits}a` }, "AI_ENGINE_SERVE_SOCKET"],
    [{}, { AI_ENGINE_CONTROL: "x".repeat(100) }, "AI_ENGINE_CONTROL"],
  ];
  for (const [flags, env, setting] of tooLong) {
    const error = assertThrows(() => read(flags, env), ConfigError, setting);
    assertStringIncludes(error.message, "at most 107");
    assertStringIncludes(error.remedy, setting);
  }
});

Deno.test("readControl() reads the control socket and minds nothing else", () => {
  const env = { AI_ENGINE_LISTEN: "garbage", AI_ENGINE_CONTROL: "/run/c.sock" };
  assertEquals(readControl({ flags: {}, env, cwd: "/" }), "/run/c.sock");
  assertEquals(readControl({ flags: { control: ["c"] }, env, cwd: "/tmp" }), "/tmp/c");
  assertEquals(readControl({ flags: {}, env: {}, cwd: "/" }), null);
});

Deno.test("readSettings() takes - as the log file for stderr, and no level it does not know", () => {
  assertEquals(read({ "log-file": "-" }).logs.target, { kind: "stderr" });
  assertEquals(read({ "log-file": "./-" }).logs.target, { kind: "file", path: "/home/ada/-" });
  assertEquals(read({}, { AI_ENGINE_LOG_LEVEL: "debug" }).logs.level, "debug");
  for (const level of ["loud", "INFO", " info", "trace"]) {
    const error = assertThrows(() => read({ "log-level": level }), ConfigError);
    assertStringIncludes(error.message, "which is not a level");
    assertStringIncludes(error.remedy, "debug, info, warn, error");
  }
});
