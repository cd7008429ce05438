/** Examples that can be run here. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { runProgram } from "../support/program.ts";
import { act, sendInput, tempDir, viewOf, withProgram, works } from "./support/harness.ts";

const example = (name: string) =>
  fromFileUrl(new URL(`../../examples/${name}.yaml`, import.meta.url));

const MY_ENGINE = fromFileUrl(new URL("../../examples/my_engine.py", import.meta.url));

Deno.test({
  name: "the example of a server in Node.js serves, and ends when it is asked to",
  ignore: !works("node", "--version"),
  fn: () =>
    withProgram({ args: ["--config", example("node")] }, async (program) => {
      const { status, body } = await program.json("/upstream/node-echo/hello?x=1");
      assertEquals([status, body], [200, { status: "ok", path: "/hello?x=1" }]);
    }),
});

Deno.test("docs/engines.md shows the example of an engine, in 40 lines", async () => {
  const code = await Deno.readTextFile(MY_ENGINE);
  const docs = await Deno.readTextFile(new URL("../../docs/engines.md", import.meta.url));
  assertStringIncludes(docs, `\`\`\`python\n${code}\`\`\`\n`);
  assertEquals(code.trimEnd().split("\n").length, 40);
});

Deno.test({
  name: "the engine of docs/engines.md answers as they show it, and ends with the supervisor",
  ignore: !works("python3", "--version"),
  async fn() {
    await using dir = await tempDir();
    await Deno.copyFile(MY_ENGINE, join(dir.path, "my_engine.py"));
    const args = ["--engine", join(dir.path, "my_engine.py")];
    await withProgram({ args }, async (program) => {
      const { runtimeDir } = program;
      const sent = await runProgram(["send", "hello"], { runtimeDir });
      assertEquals([sent.code, sent.stdout], [0, "You said: hello\n"], sent.stderr);
      assertEquals((await viewOf(program, "my_engine")).state, "ready");
      const inputs = Array.from({ length: 20 }, (_, i) => sendInput(program, `${i}`, "my_engine"));
      const answers = (await Promise.all(inputs)).map(({ body }) => body.message);
      assertEquals(answers, Array.from({ length: 20 }, (_, i) => `You said: ${i}`));
      const stopped = await act(program, "stop", "my_engine");
      assertEquals([stopped.status, stopped.body.state], [200, "stopped"]);
      assertEquals((await sendInput(program, "ä", "my_engine")).body.message, "You said: ä");
    });
  },
});

Deno.test("without a Python on the PATH the message says so", async () => {
  await using dir = await tempDir();
  const { code, stderr } = await runProgram(
    ["serve", "--listen", "127.0.0.1:0", "--engine", MY_ENGINE],
    { runtimeDir: dir.path, env: { PATH: dir.path } },
  );
  assertEquals(code, 6);
  assertStringIncludes(stderr, "no Python was found to run it");
  assertStringIncludes(stderr, join(dir.path, "python3"));
  assertStringIncludes(stderr, "Install Python 3.11 or newer");
});
