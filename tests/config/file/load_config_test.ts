import { assertEquals, assertThrows } from "@std/assert";
import { ENGINE_DEFAULTS, LOG_DEFAULTS } from "../../../src/config/mod.ts";
import { UsageError } from "../../../src/core/mod.ts";
import { enginesOf, load, tell } from "./support/load.ts";

const TWO = "engines: {a: {kind: builtin}, b: {command: /bin/b, idleTimeout: 9s}}\n";

Deno.test("a file's settings are read, and what it does not say is as it is by default", () => {
  const { requested, file } = load(`
listen: [127.0.0.1:8080, "unix:run/api.sock"]
control: run/control.sock
access: {tokenFile: tokens}
logs: {level: warn, file: "-", dir: log, rotation: {size: 1MiB}}
engines:
  llm:
    command: bin/llama-server -m "my model.gguf" --host \${SOCKET}
    cwd: .
    environment: {inherit: [PATH, HOME], set: {CUDA_VISIBLE_DEVICES: 0}}
    memory: {max: 16GiB}
    nice: 10
    socket: run/llm.sock
    models: [llama, {name: qwen, aliases: [gpt-4o], upstreamModel: qwen3}]
    healthPath: /v1/health
    startTimeout: 5m
    idleTimeout: -1
    grace: 10
    drain: {stop: 500ms}
    queue: {max: 4}
    keep: always
    liveness: restart
`);
  assertEquals(requested.listen, [
    { kind: "tcp", hostname: "127.0.0.1", port: 8080 },
    { kind: "unix", path: "/etc/ai/run/api.sock" },
  ]);
  assertEquals(requested.control, "/etc/ai/run/control.sock");
  assertEquals(requested.access, { tokenFile: "/etc/ai/tokens", hosts: [], origins: [] });
  assertEquals(requested.logs, {
    ...LOG_DEFAULTS,
    level: "warn",
    target: { kind: "stderr" },
    dir: "/etc/ai/log",
    rotation: { ...LOG_DEFAULTS.rotation, fileBytes: 1_048_576 },
  });
  assertEquals(requested.engines, [{
    name: "llm",
    program: {
      kind: "command",
      command: ["/etc/ai/bin/llama-server", "-m", "my model.gguf", "--host", "${SOCKET}"],
      setting: "engines.llm.command (config.yaml, line 8)",
    },
    pythonDir: null,
    settings: {
      cwd: "/etc/ai",
      environment: { inherit: ["PATH", "HOME"], set: { CUDA_VISIBLE_DEVICES: "0" } },
      memory: { maxBytes: 17_179_869_184 },
      nice: 10,
      socket: "/etc/ai/run/llm.sock",
      models: [
        { name: "llama", aliases: [], upstreamModel: null },
        { name: "qwen", aliases: ["gpt-4o"], upstreamModel: "qwen3" },
      ],
      healthPath: "/v1/health",
      startTimeoutMs: 300_000,
      idleTimeoutMs: -1,
      graceMs: 10_000,
      drainMs: 500,
      queue: { ...ENGINE_DEFAULTS.queue, max: 4 },
      keep: "always",
      liveness: "restart",
    },
  }]);
  assertEquals(file?.path, "/etc/ai/config.yaml");
  assertEquals(file?.origins["engines.llm.idleTimeout"], { line: 17, column: 18 });
});

Deno.test("JSON is YAML", () => {
  const [engine] = enginesOf('{"engines": {"a": {"command": ["/bin/a", "-x"], "grace": 2}}}');
  assertEquals(engine.program, {
    kind: "command",
    command: ["/bin/a", "-x"],
    setting: "engines.a.command (config.yaml, line 1)",
  });
  assertEquals(engine.settings.graceMs, 2_000);
});

Deno.test("a command's program is a path from the file's folder on, or a name for the PATH", () => {
  for (
    const [command, program] of [
      ["llama-server -m x", "llama-server"],
      ["./a -m x", "/etc/ai/a"],
      ["[../b, -m, x]", "/etc/b"],
      ["/c -m x", "/c"],
    ] as const
  ) {
    const [{ program: found }] = enginesOf(`engines: {e: {command: ${command}}}`);
    assertEquals(found.kind === "command" ? found.command : found.kind, [program, "-m", "x"]);
  }
});

Deno.test("what `defaults` says holds for every engine that does not say it itself", () => {
  const [a, b] = enginesOf(`
defaults:
  idleTimeout: 1h
  environment: {set: {A: general, B: general}}
engines:
  a: {kind: builtin}
  b: {command: /bin/b, idleTimeout: 2h, environment: {set: {B: own}}}
`);
  assertEquals(a.settings.idleTimeoutMs, 3_600_000);
  assertEquals(b?.settings.idleTimeoutMs, 7_200_000);
  assertEquals(b?.settings.environment, { inherit: "all", set: { A: "general", B: "own" } });
});

Deno.test("what is not set of an engine is left to the defaults of its kind", () => {
  assertEquals(enginesOf("engines: {a: {kind: builtin}}")[0].settings, {});
});

Deno.test("a file without engines leaves the choice to flags and environment", () => {
  const { engines } = load("listen: 127.0.0.1:0\n", { flags: { engine: ["builtin"] } }).requested;
  assertEquals(engines, [
    { name: null, program: { kind: "builtin" }, pythonDir: null, settings: {} },
  ]);
});

Deno.test("flags beat the environment, and both beat the file", () => {
  const file = "listen: 127.0.0.1:1\nlogs: {level: error}\naccess: {tokenFile: t}\n";
  const env = { AI_ENGINE_LISTEN: "127.0.0.1:2", AI_ENGINE_LOG_LEVEL: "warn" };
  const { listen, logs, access } = load(file, { env, flags: { listen: ["[::1]:3"] } }).requested;
  assertEquals(listen, [{ kind: "tcp", hostname: "::1", port: 3 }]);
  assertEquals(logs.level, "warn");
  assertEquals(access.tokenFile, "/etc/ai/t");
});

Deno.test("flags of one engine are for the only engine of the file", () => {
  const flags = { "idle-timeout": ["2s"], "engine-socket": ["/tmp/e.sock"] };
  const [{ settings }] = enginesOf("engines: {a: {kind: builtin, grace: 3s}}", { flags });
  assertEquals(settings, { graceMs: 3_000, idleTimeoutMs: 2_000, socket: "/tmp/e.sock" });
});

Deno.test("with several engines in the file a flag of one is refused, and --engine with any", () => {
  const several = assertThrows(
    () => load(TWO, { env: { AI_ENGINE_IDLE_TIMEOUT: "2s" } }),
    UsageError,
  );
  assertEquals(
    several.message,
    "AI_ENGINE_IDLE_TIMEOUT is given, and the configuration file has 2 engines.",
  );
  const one = "engines: {a: {kind: builtin}}";
  const engine = assertThrows(() => load(one, { flags: { engine: ["builtin"] } }), UsageError);
  assertEquals(
    engine.message,
    "--engine is given, and the configuration file has an engine of its own.",
  );
});

Deno.test("anchors and aliases stand for what they name", () => {
  const [a, b] = enginesOf("engines:\n  a: &e {kind: builtin, grace: 7s}\n  b: *e\n");
  assertEquals([a.settings.graceMs, b?.settings.graceMs], [7_000, 7_000]);
});

Deno.test("macros, variables and macros of macros are filled in; $${ stays ${", () => {
  const [{ program, settings }] = enginesOf(
    `
macros: {dir: "\${env.MODELS}/gguf", ttl: 300, model: "\${dir}/x.gguf"}
engines:
  a:
    command: ["srv", "-m", "\${model}", "$\${HOME}", "--sock=\${SOCKET}"]
    idleTimeout: \${ttl}
`,
    { env: { MODELS: "/srv" } },
  );
  assertEquals(program.kind === "command" ? program.command : null, [
    "srv",
    "-m",
    "/srv/gguf/x.gguf",
    "${HOME}",
    "--sock=${SOCKET}",
  ]);
  assertEquals(settings.idleTimeoutMs, 300_000);
});

Deno.test("what a variable holds is not looked into again", () => {
  const env = { X: "${SECRET} ${env.X} ${SOCKET}" };
  const [{ settings }] = enginesOf(
    'engines: {a: {kind: builtin, environment: {set: {X: "a ${env.X}"}}}}',
    { env: { X: "${SECRET}" } },
  );
  assertEquals(settings.environment?.set, { X: "a ${SECRET}" });
  const told = tell('engines: {a: {kind: builtin, healthPath: "${env.X}"}}', { env });
  assertEquals(told.length, 1);
});

Deno.test("TLS stands below `listen`, with the addresses or without; its paths begin at the file", () => {
  const tls = { cert: "/etc/ai/tls/chain.pem", key: "/srv/key.pem" };
  const files = "tls: {cert: tls/chain.pem, key: /srv/key.pem}";
  const both = load(`listen:\n  address: ["[::1]:443", "unix:s"]\n  ${files}\n`);
  assertEquals(both.requested.tls, tls);
  assertEquals(both.requested.listen, [
    { kind: "tcp", hostname: "::1", port: 443 },
    { kind: "unix", path: "/etc/ai/s" },
  ]);
  assertEquals(both.file?.origins["listen[1]"], { line: 2, column: 26 });
  assertEquals(both.file?.origins["listen.tls.key"], { line: 3, column: 35 });
  const { requested } = load(`listen: {${files}}`, { flags: { listen: ["127.0.0.1:1"] } });
  assertEquals([requested.listen, requested.tls], [
    [{ kind: "tcp", hostname: "127.0.0.1", port: 1 }],
    tls,
  ]);
  assertEquals(load("listen: {address: 127.0.0.1:2}").requested.tls, null);
});

Deno.test("what is wrong with TLS is told with its place", () => {
  assertEquals(tell("listen: {addres: '127.0.0.1:1', tls: {crt: x}}\ntls: {}"), [
    '1:10 The file has "listen.addres", which is no setting of a configuration. | Did you mean listen.address?',
    "1:38 listen.tls has no cert. | Add cert.",
    "1:38 listen.tls has no key. | Add key.",
    '1:39 listen.tls has "crt", which is no setting of TLS. | Did you mean cert?',
    '2:1 The file has "tls", which is no setting of a configuration. | Did you mean listen.tls?',
  ]);
  assertEquals(tell("listen: {address: 7411, tls: 5}"), [
    '1:19 listen is "7411", which has no host. | Write a host and a port, for example 127.0.0.1:7411.',
    "1:30 listen.tls is a single value. | Write settings of TLS.",
  ]);
});
