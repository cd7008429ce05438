/** Engines of a file that listen elsewhere than on a Unix socket, become ready and end in other ways. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { eventually, type RunningProgram } from "../support/program.ts";
import { act, assertProblem, tempDir, viewOf, withProgram } from "./support/harness.ts";

const ON_PORT = fromFileUrl(new URL("../support/engines/on_port.py", import.meta.url));

/** Runs the program with one engine, `e`, of these settings. */
async function withEngine(
  settings: string,
  body: (program: RunningProgram, dir: string) => Promise<void>,
): Promise<void> {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine.yaml");
  const text = settings.replaceAll("DIR", dir.path).replaceAll("ON_PORT", `python3 ${ON_PORT}`);
  const defaults = "defaults: {grace: 500ms, startTimeout: 20s}";
  await Deno.writeTextFile(path, `${defaults}\nengines:\n  e:\n${text}`);
  await withProgram({ args: ["--config", path] }, (program) => body(program, dir.path));
}

function fieldOf(body: { fields: [string, string][] }, name: string): string | undefined {
  return body.fields.find(([key]) => key === name)?.[1];
}

Deno.test("an engine on a port is started, asked, and told its port; its token goes with all requests", async () => {
  await withEngine(
    `    command: ON_PORT \${PORT} token=\${TOKEN}
    environment: {set: {LISTEN: "127.0.0.1:\${PORT}"}}
`,
    async (program) => {
      const headers = { authorization: "Bearer theirs", "x-a": "b" };
      const { status, body } = await program.json("/upstream/e/some?x=1", { headers });
      assertEquals(status, 200);
      assertEquals(body.target, "/some?x=1");
      assertMatch(fieldOf(body, "authorization") ?? "", /^Bearer [0-9a-f]{64}$/);
      assertEquals(fieldOf(body, "x-a"), "b");
      const view = await viewOf(program, "e");
      assertEquals(view.state, "ready");
      assertEquals(view.socket, `127.0.0.1:${body.port}`);
      const again = await act(program, "restart", "e");
      assertEquals(again.body.state, "ready");
      const after = await program.json("/upstream/e/", { headers });
      assertNotEquals(fieldOf(after.body, "authorization"), fieldOf(body, "authorization"));
      assertNotEquals(after.body.port, body.port);
    },
  );
});

Deno.test("without a token the client's own Authorization goes on", async () => {
  await withEngine(`    command: ON_PORT \${PORT}\n`, async (program) => {
    const headers = { authorization: "Bearer theirs" };
    const { body } = await program.json("/upstream/e/", { headers });
    assertEquals(fieldOf(body, "authorization"), "Bearer theirs");
  });
});

Deno.test("a body of a megabyte goes to an engine on a port, in the envelope of its token", async () => {
  await withEngine(`    command: ON_PORT \${PORT} token=\${TOKEN}\n`, async (program) => {
    const body = "x".repeat(1024 * 1024);
    const answer = await program.fetch("/upstream/e/", { method: "POST", body });
    assertEquals(answer.status, 200);
    assertEquals(fieldOf(await answer.json(), "content-length"), String(body.length));
  });
});

Deno.test("a port that is another program's is refused, and that one is asked nothing", async () => {
  let asked = 0;
  const foreign = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked++;
    return new Response("ok");
  });
  const { port } = foreign.addr;
  await withEngine(`    command: ON_PORT \${PORT}\n    port: ${port}\n`, async (program) => {
    const problem = assertProblem(await act(program, "start", "e"), {
      status: 502,
      code: "spawn_failed",
    });
    assertStringIncludes(problem.detail, `127.0.0.1:${port} is in use by another program`);
    assertEquals((await viewOf(program, "e")).state, "failed");
  });
  assertEquals(asked, 0);
  await foreign.shutdown();
});

Deno.test({
  name: "who takes the port before the engine is not taken for the engine, whatever it answers",
  ignore: Deno.build.os !== "linux",
  async fn() {
    let asked = 0;
    const told = "import sys,time;open(sys.argv[2],'w').write(sys.argv[1]);time.sleep(60)";
    await withEngine(
      `    command: [python3, -c, "${told}", "\${PORT}", DIR/port]
    healthPath: /
    startTimeout: 4s
`,
      async (program, dir) => {
        const starting = act(program, "start", "e");
        let port = 0;
        await eventually("the engine has its port", async () => {
          port = Number(await Deno.readTextFile(join(dir, "port")).catch(() => "0"));
          return port > 0;
        });
        const foreign = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, () => {
          asked++;
          return new Response("ok");
        });
        assertProblem(await starting, { status: 502, code: "start_timeout" });
        await program.printed(/Another program on its port/);
        await foreign.shutdown();
      },
    );
    assertEquals(asked, 0);
  },
});

Deno.test("an engine without a health path is ready when it takes connections", async () => {
  await withEngine(
    `    command: ON_PORT \${PORT} no-health\n    ready: accept\n`,
    async (program) => {
      assertEquals((await act(program, "start", "e")).body.state, "ready");
    },
  );
});

Deno.test("an engine is ready when it has printed a line", async () => {
  await withEngine(
    `    command: ON_PORT \${PORT} no-health says-ready\n    ready: {line: "/loaded in [0-9.]+ s/"}\n`,
    async (program) => {
      assertEquals((await act(program, "start", "e")).body.state, "ready");
    },
  );
});

Deno.test("a line that never comes is the end of a start, within its limit", async () => {
  await withEngine(
    `    command: ON_PORT \${PORT}\n    ready: {line: it is there}\n    startTimeout: 2s\n`,
    async (program) => {
      const problem = assertProblem(await act(program, "start", "e"), {
        status: 502,
        code: "start_timeout",
      });
      assertStringIncludes(problem.detail, 'did not print a line with "it is there"');
      assertEquals(await program.engineProcesses(), []);
    },
  );
});

Deno.test("an engine by node:net on a path is served as on a Unix socket", async () => {
  await withEngine(
    `    command: [python3, ${
      fromFileUrl(new URL("../support/engines/mirror.py", import.meta.url))
    }]\n    transport: pipe\n`,
    async (program) => {
      const { status, body } = await program.json("/upstream/e/x");
      assertEquals([status, body.target], [200, "/x"]);
    },
  );
});

/** A command that stands for a container engine: what it has started is not its own. */
const CONTAINER =
  `    command: [sh, -c, 'setsid -f env -i PATH="$PATH" python3 ${ON_PORT} \${PORT} & echo $$ > DIR/client; while sleep 1; do :; done']
`;

Deno.test("a stop command is what stops, before any signal", async () => {
  await withEngine(
    `${CONTAINER}    stopCommand: [sh, -c, 'touch DIR/stopped; pkill -f "on_port.py \${PORT}"; kill $(cat DIR/client)']\n`,
    async (program, dir) => {
      assertEquals((await program.json("/upstream/e/")).status, 200);
      const { body } = await act(program, "stop", "e");
      assertEquals([body.state, body.how], ["stopped", "graceful"]);
      assert((await Deno.stat(join(dir, "stopped"))).isFile);
    },
  );
});

Deno.test("a stop command that hangs is ended after the grace, and the ladder goes on", async () => {
  await withEngine(
    `    command: ON_PORT \${PORT}
    stopCommand: [sh, -c, 'touch DIR/begun; sleep 600 & sleep 600']
`,
    async (program, dir) => {
      assertEquals((await program.json("/upstream/e/")).status, 200);
      const { body } = await act(program, "stop", "e");
      assertEquals([body.state, body.how], ["stopped", "terminated"]);
      assert((await Deno.stat(join(dir, "begun"))).isFile);
      await program.printed(/Stop command failed/);
      await eventually("nothing is left", async () =>
        (await program.processes()).length === 1 ||
        (await program.engineProcesses()).length === 0);
      assertEquals(await program.engineProcesses(), []);
    },
  );
});

Deno.test("a stop command that is not there is told, and the ladder goes on", async () => {
  await withEngine(
    `    command: ON_PORT \${PORT}\n    stopCommand: /nothing/here now\n`,
    async (program) => {
      assertEquals((await act(program, "start", "e")).status, 200);
      const { body } = await act(program, "stop", "e");
      assertEquals([body.state, body.how], ["stopped", "terminated"]);
      await program.printed(/Stop command failed/);
    },
  );
});
