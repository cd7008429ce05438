import { assertEquals } from "@std/assert";
import { ENGINE_DEFAULTS, type Settings } from "../../../src/config/mod.ts";
import { explainSettings, type SettingRow } from "../../../src/config/file/mod.ts";
import { type Given, load, PATH } from "./support/load.ts";

/** Every setting that a file leads to, programs taken as they are named. */
function explain(text: string, given: Given = {}): ReadonlyMap<string, SettingRow> {
  const { requested, file } = load(text, given);
  const engines = requested.engines.map(({ name, program, settings }) => ({
    ...ENGINE_DEFAULTS,
    ...settings,
    name: name ?? "builtin",
    kind: program.kind === "command" ? program.kind : "builtin" as const,
    command: program.kind === "command" ? program.command : ["/bin/ai-engine"] as const,
  }));
  const settings = { ...requested, engines } as unknown as Settings;
  const sources = { flags: given.flags ?? {}, env: given.env ?? {}, cwd: "/" };
  const rows = explainSettings(settings, { sources, file });
  return new Map(rows.map((row) => [row.setting, row]));
}

Deno.test("a value comes from a line of the file, from `defaults`, a flag, a variable, or nowhere", () => {
  const rows = explain(
    "listen: 127.0.0.1:1\ndefaults:\n  grace: 3s\nengines:\n  a.b: {kind: builtin, nice: 5}\n",
    { flags: { "idle-timeout": ["9s"] }, env: { AI_ENGINE_LISTEN: "127.0.0.1:2" } },
  );
  const fromLine = (line: number) => ({ kind: "file" as const, path: PATH, line });
  const expected: readonly [string, unknown, SettingRow["from"]][] = [
    ["listen", ["127.0.0.1:2"], { kind: "environment", variable: "AI_ENGINE_LISTEN" }],
    ["engines.a.b.grace", "3s", fromLine(3)],
    ["engines.a.b.nice", 5, fromLine(5)],
    ["engines.a.b.idleTimeout", "9s", { kind: "flag", flag: "--idle-timeout" }],
    ["engines.a.b.startTimeout", "10s", { kind: "default" }],
    ["control", null, { kind: "default" }],
  ];
  for (const [setting, value, from] of expected) {
    assertEquals(rows.get(setting), { setting, value, from });
  }
});

Deno.test("an engine that --model adds has what flags say, and no defaults of the file", () => {
  const rows = explain(
    "defaults: {grace: 3s}\nengines:\n  a: {kind: python, model: /m/a.gguf}\n",
    { flags: { model: ["/m/b.gguf"], "idle-timeout": ["9s"] } },
  );
  const flag = (name: string) => ({ kind: "flag" as const, flag: `--${name}` });
  const fromOf = (setting: string) => rows.get(setting)?.from;
  assertEquals(rows.get("engines.b.model")?.value, "/m/b.gguf");
  assertEquals(fromOf("engines.b.model"), flag("model"));
  assertEquals(fromOf("engines.b.idleTimeout"), flag("idle-timeout"));
  assertEquals(fromOf("engines.b.grace"), { kind: "default" });
  assertEquals(fromOf("engines.a.model"), { kind: "file", path: PATH, line: 3 });
  assertEquals(fromOf("engines.a.idleTimeout"), flag("idle-timeout"));
  assertEquals(fromOf("engines.a.grace"), { kind: "file", path: PATH, line: 1 });
});

Deno.test("secrets are masked: by the name of a variable or flag, and whatever the environment held", () => {
  const rows = explain(
    `
engines:
  list:
    command: [srv, --api-key, k1, --hf-token=t1, --max-tokens, "100", "\${env.K}", plain]
    environment: {set: {HF_TOKEN: t2, MY_KEY: k2, TOKENS: "3", U: "a \${env.K}"}}
  line:
    command: srv --api-key k1 \${env.K} plain
  blank:
    command: srv \${env.BLANK} plain
`,
    { env: { K: "s3cret", BLANK: "s3cret two" } },
  );
  const valueOf = (setting: string) => rows.get(setting)?.value;
  assertEquals(valueOf("engines.list.command"), [
    "srv",
    "--api-key",
    "***",
    "--hf-token=***",
    "--max-tokens",
    "100",
    "${env.K}",
    "plain",
  ]);
  assertEquals(valueOf("engines.line.command"), ["srv", "--api-key", "***", "${env.K}", "plain"]);
  assertEquals(valueOf("engines.blank.command"), "srv ${env.BLANK} plain");
  const variables = ["HF_TOKEN", "MY_KEY", "TOKENS", "U"];
  assertEquals(variables.map((name) => valueOf(`engines.list.environment.set.${name}`)), [
    "***",
    "***",
    "3",
    "a ${env.K}",
  ]);
  for (const text of ["s3cret", "k1", "t1", "t2", "k2"]) {
    assertEquals(JSON.stringify([...rows.values()]).includes(text), false, text);
  }
});
