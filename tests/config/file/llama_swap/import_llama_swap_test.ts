import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigFileError } from "../../../../src/config/mod.ts";
import { importLlamaSwap } from "../../../../src/config/file/mod.ts";
import { load } from "../support/load.ts";

const FILE = `
healthCheckTimeout: 500
logLevel: warn
globalTTL: 0
startPort: 10001
apiKeys: [sk-hunter2]
macros:
  "latest-llama": >
    /path/to/llama-server/llama-server-ec9e0301
    --port \${PORT}
  "default_ctx": 4096
  models_dir: "\${env.HOME}/models"
  pool: POOL=a=b
models:
  "gpt-oss-120b":
    macros: {default_ctx: 16384}
    cmd: |
      # a comment, once with \${latest-llama} --host 0.0.0.0
      \${latest-llama}
      --model \${models_dir}/gpt-oss-120B.gguf
      --ctx-size \${default_ctx}
    env: ["CUDA_VISIBLE_DEVICES=0,1,2", "\${pool}", "WHO=\${MODEL_ID}"]
    proxy: http://127.0.0.1:8999
    checkEndpoint: /custom-endpoint
    ttl: 60
    useModelName: "openai/gpt-oss-120B"
    filters: {stripParams: "temperature"}
    aliases:
      - id: "gpt-4o-mini"
        unlisted: false
    concurrencyLimit: 4
  Qwen/Small:
    cmd: llama-server --host 0.0.0.0 --port=\${PORT} -m \${models_dir}/q.gguf -c \${default_ctx}
    aliases: [small]
    ttl: 0
  vllm:
    cmd: vllm serve meta/llama --port 8000 --host 127.0.0.1
  "docker-llama":
    cmd: docker run --name \${MODEL_ID} -p \${PORT}:8080 image
    cmdStop: docker stop \${MODEL_ID}
  own-port:
    cmd: serve-it --on 9000
    proxy: http://127.0.0.1:9000
    checkEndpoint: none
    cmdStop: kill \${PID}
  elsewhere:
    cmd: ssh other run
    proxy: http://other:9000
groups:
  g: {swap: true, exclusive: true, members: [vllm]}
  s: {swap: false, exclusive: false, persistent: true, members: [Qwen/Small]}
hooks: {on_startup: {preload: [vllm]}, on_else: 1}
peers:
  other-box: {proxy: "http://192.168.1.23/llm", models: [away, SMALL], apiKey: "\${env.PEER_KEY}"}
  paid: {proxy: https://api.example.com, models: [big], apiKey: sk-hunter3, filters: {a: 1}}
  idle: {proxy: http://192.168.1.24, models: [vllm]}
`;

const imported = importLlamaSwap(new TextEncoder().encode(FILE), "/tmp/llama-swap.yaml");

function enginesOfImport() {
  return load(imported.text, { env: { HOME: "/home/ada", PEER_KEY: "k" } }).requested.engines;
}

function commandOf(index: number): string {
  const program = enginesOfImport()[index]?.program;
  return program?.kind === "command" ? program.command.join(" ") : "";
}

Deno.test("what is imported from llama-swap is a file of ours without errors", () => {
  assertEquals(
    enginesOfImport().map(({ name, settings: { idleTimeoutMs, startTimeoutMs, graceMs } }) => [
      name,
      idleTimeoutMs,
      startTimeoutMs,
      graceMs,
    ]),
    [
      ["gpt-oss-120b", 60_000, 500_000, 10_000],
      ["qwen-small", -1, 500_000, 10_000],
      ["vllm", -1, 500_000, 10_000],
      ["docker-llama", -1, 500_000, 10_000],
      ["own-port", -1, 500_000, 10_000],
      ["other-box", -1, 500_000, 10_000],
      ["paid", -1, 500_000, 10_000],
    ],
  );
});

Deno.test("models, aliases, the name upstream, variables and limits are taken over", () => {
  const [big, small] = enginesOfImport();
  assertEquals(big.settings.models, [
    { name: "gpt-oss-120b", aliases: ["gpt-4o-mini"], upstreamModel: "openai/gpt-oss-120B" },
  ]);
  assertEquals(big.settings.environment?.set, {
    CUDA_VISIBLE_DEVICES: "0,1,2",
    POOL: "a=b",
    WHO: "gpt-oss-120b",
  });
  assertEquals(big.settings.healthPath, "/custom-endpoint");
  assertEquals(big.settings.slots, 4);
  assertEquals(small?.settings.models, [
    { name: "Qwen/Small", aliases: ["small"], upstreamModel: null },
  ]);
});

Deno.test("commands that we know listen on the socket in the place of host and port", () => {
  assertEquals(
    commandOf(0),
    "/path/to/llama-server/llama-server-ec9e0301 --host ${SOCKET} " +
      "--model /home/ada/models/gpt-oss-120B.gguf --ctx-size 16384",
  );
  assertEquals(commandOf(1), "llama-server --host ${SOCKET} -m /home/ada/models/q.gguf -c 4096");
  assertEquals(commandOf(2), "vllm serve meta/llama --uds ${SOCKET}");
});

Deno.test("a command that we don't know listens on a port, as it did", () => {
  assertEquals(commandOf(3), "docker run --name docker-llama -p ${PORT}:8080 image");
  const [, , , docker, own] = enginesOfImport();
  assertEquals(docker?.settings.stopCommand, ["docker", "stop", "docker-llama"]);
  assertEquals([own?.settings.port, own?.settings.ready?.by], [9_000, "accept"]);
});

Deno.test("engines that ran alone run alone, a persistent group stays", () => {
  const here = enginesOfImport().slice(0, 5);
  assertEquals(here.map(({ settings: { exclusive, pin } }) => [exclusive, pin]), [
    ["llama-swap", undefined],
    [undefined, true],
    ["llama-swap", undefined],
    ["llama-swap", undefined],
    ["llama-swap", undefined],
  ]);
});

Deno.test("what is preloaded there is kept here", () => {
  const kept = enginesOfImport().filter(({ settings: { keep } }) => keep === "always");
  assertEquals(kept.map(({ name }) => name), ["vllm"]);
});

Deno.test("peers are engines elsewhere, for what no engine here serves", () => {
  const [box, paid] = enginesOfImport().slice(5);
  assertEquals(box?.settings.remote?.servers, [{ url: "http://192.168.1.23/llm", weight: 1 }]);
  assertEquals(box?.settings.remote?.headers, { Authorization: "Bearer k" });
  assertEquals(box?.settings.models?.map(({ name }) => name), ["away"]);
  assertEquals(paid?.settings.remote?.headers ?? {}, {});
});

Deno.test("macros stay macros where they can", () => {
  assertStringIncludes(imported.text, "models_dir:");
  assertStringIncludes(imported.text, "-c ${default_ctx}");
});

Deno.test("what has no equal is told, on its own and in the file, with what to do", () => {
  const told = new Map(imported.notes.map(({ at, says }) => [at, says]));
  assertEquals([...told.keys()].sort(), [
    "apiKeys",
    "groups.s",
    "hooks",
    "hooks.on_else",
    "models.elsewhere",
    "models.gpt-oss-120b.concurrencyLimit",
    "models.gpt-oss-120b.filters",
    "models.own-port.cmdStop",
    "peers.idle",
    "peers.other-box",
    "peers.paid",
    "peers.paid.filters",
    "startPort",
  ]);
  assertStringIncludes(told.get("models.elsewhere") ?? "", "it is asked at other");
  for (const { at, says } of imported.notes) {
    assertStringIncludes(imported.text, `# - ${at}: ${says}`);
  }
  assertStringIncludes(imported.text, "#  elsewhere:");
  assert(!imported.text.includes("sk-hunter"));
});

Deno.test("a file that is no YAML, or no settings, is an error like in ours", () => {
  for (const text of ["models: [", "", "- a", "\tmodels: {}"]) {
    assertThrows(
      () => importLlamaSwap(new TextEncoder().encode(text), "/tmp/x.yaml"),
      ConfigFileError,
    );
  }
});

Deno.test("whatever stands in the file, what comes of it is read without a crash", () => {
  for (
    const text of [
      "models: 1",
      'constructor: 1\nmodels: {a: {cmd: "llama-server ${constructor} ${__proto__}", toString: 1}}',
      "models: {a: 1}",
      "models: {a: {cmd: 1, aliases: 2, env: {a: b}, macros: []}}",
      "models: {a: {}}",
      'models: {"\u202e": {cmd: "llama-server"}, "ä": {cmd: "llama-server x"}}',
      'macros: {a: "${b}", b: "${a}"}\nmodels: {m: {cmd: "llama-server ${a}"}}',
    ]
  ) {
    const { text: ours } = importLlamaSwap(new TextEncoder().encode(text), "/tmp/x.yaml");
    try {
      load(ours);
    } catch (error) {
      assert(error instanceof ConfigFileError, `${text}: ${error}`);
    }
  }
});
