/** The program with a configuration file. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { runProgram } from "../support/program.ts";
import { SCRIPTED_PATH, sendInput, tempDir, viewOf, withProgram } from "./support/harness.ts";

const TWO_ENGINES = `
listen: 127.0.0.1:0
macros:
  script: ${SCRIPTED_PATH}
defaults:
  idleTimeout: 2m
engines:
  one:
    kind: builtin
  two:
    command: ["\${script}", --socket, "\${SOCKET}"]
    idleTimeout: 30s
`;

/** A file in a directory of its own. */
async function withFile(text: string, body: (path: string) => Promise<void>): Promise<void> {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine.yaml");
  await Deno.writeTextFile(path, text);
  await body(path);
}

Deno.test("two engines of a file are served side by side, with what the file says of them", async () => {
  await withFile(TWO_ENGINES, async (path) => {
    await withProgram({ listen: [], args: ["--config", path] }, async (program) => {
      for (const name of ["one", "two"]) {
        assertEquals((await sendInput(program, name, name)).body.message, `You said: ${name}`);
      }
      assertEquals((await viewOf(program, "one")).idleTimeoutMs, 120_000);
      assertEquals((await viewOf(program, "two")).idleTimeoutMs, 30_000);
      const page = await (await program.fetch("/")).text();
      assertStringIncludes(page, "one");
      assertStringIncludes(page, "two");
      const { code, stdout } = await program.run(["status", "--json"]);
      assertEquals(code, 0);
      const names = JSON.parse(stdout).engines.map(({ name }: { name: string }) => name);
      assertEquals(names, ["one", "two"]);
    });
  });
});

Deno.test("GET /api/config tells each value and where it comes from, and no secret", async () => {
  const text = `
engines:
  only:
    kind: builtin
    grace: 3s
    environment: {set: {HF_TOKEN: hf_secret, PLACE: "\${env.MY_PLACE}"}}
`;
  await withFile(text, async (path) => {
    const env = { MY_PLACE: "secret_place", AI_ENGINE_LOG_LEVEL: "warn" };
    const args = ["--config", path, "--idle-timeout", "9s"];
    await withProgram({ args, env }, async (program) => {
      const { body } = await program.json("/api/config");
      assertEquals(body.path, path);
      const rowOf = (setting: string) =>
        body.settings.find((row: { setting: string }) => row.setting === setting);
      const fromFile = (line: number) => ({ kind: "file", path, line });
      assertEquals(rowOf("engines.only.grace"), {
        setting: "engines.only.grace",
        value: "3s",
        from: fromFile(5),
      });
      assertEquals(rowOf("engines.only.idleTimeout").from, {
        kind: "flag",
        flag: "--idle-timeout",
      });
      assertEquals(rowOf("logs.level").from, {
        kind: "environment",
        variable: "AI_ENGINE_LOG_LEVEL",
      });
      assertEquals(rowOf("engines.only.startTimeout").from, { kind: "default" });
      assertEquals(rowOf("engines.only.environment.set.HF_TOKEN").value, "***");
      assertEquals(rowOf("engines.only.environment.set.PLACE").value, "${env.MY_PLACE}");
      assertEquals(JSON.stringify(body).includes("secret"), false);
    });
  });
});

Deno.test("the file in the XDG place is read, and flags and environment beat it", async () => {
  const runtimeDir = await Deno.makeTempDir({ prefix: "aie-" });
  const dir = join(runtimeDir, "config", "ai-engine");
  await Deno.mkdir(dir, { recursive: true });
  await Deno.writeTextFile(
    join(dir, "config.yaml"),
    "listen: 127.0.0.1:1\nengines:\n  only: {kind: builtin, idleTimeout: 1h, startTimeout: 2h}\n",
  );
  const env = { AI_ENGINE_IDLE_TIMEOUT: "7s" };
  await withProgram({ runtimeDir, env }, async (program) => {
    assertEquals((await viewOf(program, "only")).idleTimeoutMs, 7_000);
  });
});

Deno.test("a file that can't be used ends serve with 6 and all its errors, each with its place", async () => {
  await withFile("lisen: 1\nengines:\n  a: {kind: builtin, idleTimeout: soon}\n", async (path) => {
    await using dir = await tempDir();
    const { code, stderr } = await runProgram(["serve", "--config", path], {
      runtimeDir: dir.path,
    });
    assertEquals(code, 6, stderr);
    assertStringIncludes(stderr, `${path}:1:1: The file has "lisen"`);
    assertStringIncludes(stderr, "Did you mean listen?");
    assertStringIncludes(stderr, `${path}:3:35: engines.a.idleTimeout is "soon"`);
  });
});

Deno.test("the commands find the control socket that the file names", async () => {
  const runtimeDir = await Deno.makeTempDir({ prefix: "aie-" });
  const dir = join(runtimeDir, "config", "ai-engine");
  await Deno.mkdir(dir, { recursive: true });
  await Deno.writeTextFile(
    join(dir, "config.yaml"),
    "control: own.sock\nengines: {only: {kind: builtin}}\n",
  );
  await withProgram({ runtimeDir }, async (program) => {
    assertStringIncludes(program.stdout, join(dir, "own.sock"));
    const { code, stdout } = await program.run(["send", "hello"]);
    assertEquals([code, stdout], [0, "You said: hello\n"]);
  });
});

Deno.test("limits of the file hold: for a client's head, and for an engine's answer", async () => {
  const text = `
limits: {head: 100ms}
engines:
  slow:
    command: ${SCRIPTED_PATH}
    limits: {head: 150ms, input: 250ms}
`;
  await withFile(text, async (path) => {
    const env = { E2E_SCRIPT: "" };
    await withProgram({ args: ["--config", path], env }, async (program) => {
      const { hostname, port } = new URL(program.url);
      using conn = await Deno.connect({ hostname, port: Number(port) });
      await conn.write(new TextEncoder().encode("GET / HT"));
      const begun = performance.now();
      assertEquals(await conn.read(new Uint8Array(1)), null);
      assert(performance.now() - begun < 8_000, "it was closed by the default of 10 s");

      const body = { input: "wait for-ever" };
      const proxied = await program.json("/upstream/slow/input", { body });
      assertEquals([proxied.status, proxied.body.code], [504, "upstream_timeout"]);
      const input = await sendInput(program, "wait for-ever", "slow");
      assertEquals([input.status, input.body.code], [504, "upstream_timeout"]);
    });
  });
});
