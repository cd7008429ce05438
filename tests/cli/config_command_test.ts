import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeCli } from "./support/fake_cli.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const PLACE = "/home/ada/.config/ai-engine/config.yaml";

function cliWith(text: string | null, path = PLACE): FakeCli {
  return new FakeCli({
    env: { HOME: "/home/ada" },
    files: text === null ? {} : { [path]: encode(text) },
    finds: true,
  });
}

Deno.test("config path tells where the file is, and whether it is there", async () => {
  const cli = cliWith(null);
  assertEquals(await cli.run("config", "path"), 0);
  assertEquals([cli.stdout.text, cli.stderr.text], [`${PLACE}\n`, "there is no file yet\n"]);
  const json = cliWith("engines: {a: {kind: builtin}}");
  assertEquals(await json.run("config", "path", "--json"), 0);
  assertEquals(JSON.parse(json.stdout.text), { path: PLACE, exists: true });
});

Deno.test("config check tells of a file without errors which engines it has", async () => {
  const cli = cliWith("engines: {a: {kind: builtin}, b: {kind: builtin}}");
  assertEquals(await cli.run("config", "check"), 0);
  assertEquals(cli.stdout.text, `${PLACE}: no errors; 2 engines: a, b\n`);
  const other = cliWith("engines: {c: {kind: builtin}}", "/home/ada/x.yaml");
  assertEquals(await other.run("config", "check", "x.yaml", "--json"), 0);
  assertEquals(JSON.parse(other.stdout.text), { path: "/home/ada/x.yaml", engines: ["c"] });
});

Deno.test("config check tells all errors with their places, and exits with 6", async () => {
  const cli = cliWith("engines:\n  a: {kind: builtin, ttl: 5, nice: 99}\n");
  assertEquals(await cli.run("config", "check"), 6);
  assertEquals(cli.stdout.text, "");
  const lines = cli.stderr.text.split("\n");
  assertEquals(lines[0], "error: Configuration invalid");
  assertEquals(lines[1], `cause: The configuration file ${PLACE} has 2 errors.`);
  assertStringIncludes(cli.stderr.text, `${PLACE}:2:22: engines.a has "ttl"`);
  assertStringIncludes(cli.stderr.text, "  try: Did you mean idleTimeout?");
  assertStringIncludes(cli.stderr.text, "  expected: a whole number from -20 to 19");
  assertMatch(lines.at(-2) ?? "", /^try: Mend it/);

  const json = cliWith("engines: {a: {kind: builtin, nice: 99}}");
  assertEquals(await json.run("config", "check", "--json"), 6);
  const { code, path, faults } = JSON.parse(json.stderr.text);
  assertEquals([code, path, faults.length, faults[0].line, faults[0].setting], [
    "config_invalid",
    PLACE,
    1,
    1,
    "engines.a.nice",
  ]);
});

Deno.test("config check tells every program that is missing, where it is named", async () => {
  const text =
    "engines:\n  a: {command: /x/a}\n  b: {kind: builtin}\n  c: {command: nowhere -m x}\n";
  const cli = cliWith(text);
  assertEquals(await cli.run("config", "check"), 6);
  assertStringIncludes(cli.stderr.text, `${PLACE}:2:16: engines.a.command (config.yaml, line 2)`);
  assertStringIncludes(cli.stderr.text, `${PLACE}:4:16: engines.c.command (config.yaml, line 4)`);
  assertStringIncludes(cli.stderr.text, "not on the PATH");
});

Deno.test("config check of no file says so", async () => {
  const cli = cliWith(null);
  assertEquals(await cli.run("config", "check"), 6);
  assertStringIncludes(cli.stderr.text, `There is no configuration file at ${PLACE}.`);
  const named = cliWith(null);
  assertEquals(await named.run("config", "show", "--config", "x.yaml"), 6);
  assertStringIncludes(named.stderr.text, "--config names /home/ada/x.yaml, and there is no file.");
});

Deno.test("config show tells each value and where it comes from, with the same flags as serve", async () => {
  const cli = cliWith("engines: {a: {kind: builtin, grace: 3s}}\n");
  assertEquals(await cli.run("config", "show", "--log-level", "warn"), 0);
  assertMatch(cli.stdout.text, new RegExp(`^# ${PLACE}\n`));
  assertMatch(cli.stdout.text, /^engines\.a\.grace +line 1 +3s$/m);
  assertMatch(cli.stdout.text, /^logs\.level +--log-level +warn$/m);
  assertMatch(cli.stdout.text, /^engines\.a\.startTimeout +default +10s$/m);
});

Deno.test("config schema prints JSON Schema", async () => {
  const cli = cliWith(null);
  assertEquals(await cli.run("config", "schema"), 0);
  assertEquals(JSON.parse(cli.stdout.text).title, "AI Engine's configuration");
});

Deno.test("config import prints a file of ours, and tells on stderr what has no equal", async () => {
  const cli = cliWith("models: {a: {cmd: llama-server -m x, filters: {}}}", "/home/ada/ls.yaml");
  assertEquals(await cli.run("config", "import", "llama-swap", "ls.yaml"), 0);
  assertStringIncludes(cli.stdout.text, "engines:\n  a:\n");
  assertEquals(
    cli.stderr.text,
    "models.a.filters: no equal: bodies are sent on as they are.\n",
  );
  for (const args of [["ollama", "x"], ["llama-swap"], []]) {
    assertEquals(await cliWith(null).run("config", "import", ...args), 2);
  }
});

Deno.test("an action that is none, and an argument too many, are usage errors", async () => {
  for (const args of [["shwo"], ["show", "x"], ["check", "a", "b"], ["path", "x"]]) {
    const cli = cliWith(null);
    assertEquals(await cli.run("config", ...args), 2, args.join(" "));
  }
});

Deno.test("commands read the control socket from the file, where the file can be read", async () => {
  for (
    const [text, control] of [
      ["control: own.sock\n", "/home/ada/.config/ai-engine/own.sock"],
      ["control: own.sock\nbroken: [\n", null],
      ["listen: 127.0.0.1:1\n", null],
    ] as const
  ) {
    const cli = cliWith(text);
    await cli.run("status");
    assertEquals(cli.controls, [control], text);
  }
});
