/** Engines that run elsewhere: asked, probed, shared among several, and not managed. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { certified } from "../support/certificates.ts";
import { eventually, type RunningProgram } from "../support/program.ts";
import { act, assertProblem, tempDir, viewOf, withProgram } from "./support/harness.ts";

/** A server elsewhere, which tells what it was asked. */
class Elsewhere implements AsyncDisposable {
  readonly asked: { path: string; headers: Headers }[] = [];
  answer: (request: Request) => Response | Promise<Response>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(name: string, options: { cert?: string; key?: string; port?: number } = {}) {
    this.answer = () => Response.json({ name });
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...options } as Deno.ServeTcpOptions,
      (request) => {
        const path = new URL(request.url).pathname;
        this.asked.push({ path, headers: request.headers });
        return this.answer(request);
      },
    );
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** What others than probes have asked. */
  get requests() {
    return this.asked.filter(({ path }) => !path.endsWith("/health"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

async function withEngine(
  settings: string,
  body: (program: RunningProgram, path: string) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine.yaml");
  await Deno.writeTextFile(path, `engines:\n  far:\n${settings}`);
  await withProgram({ args: ["--config", path], env }, (program) => body(program, path));
}

function ready(program: RunningProgram): Promise<void> {
  return eventually("ready", async () => (await viewOf(program, "far")).state === "ready");
}

Deno.test("a remote engine gets requests under its own name, with its credentials and none of the client's", async () => {
  await using there = new Elsewhere("a");
  await withEngine(
    `    url: http://127.0.0.1:${there.port}/base/
    headers: {Authorization: "Bearer \${env.FAR_KEY}", X-Team: blue}
`,
    async (program, path) => {
      const headers = { authorization: "Bearer mine", cookie: "a=b", "x-api-key": "k", "x-a": "b" };
      const { status, body } = await program.json("/upstream/far/some?x=1", { headers });
      assertEquals([status, body], [200, { name: "a" }]);
      const [asked] = there.requests;
      assertEquals(asked?.path, "/base/some");
      assertEquals(asked?.headers.get("host"), `127.0.0.1:${there.port}`);
      assertEquals(asked?.headers.get("authorization"), "Bearer far-secret");
      assertEquals(asked?.headers.get("x-team"), "blue");
      assertEquals(asked?.headers.get("x-a"), "b");
      for (const name of ["cookie", "x-api-key"]) {
        assertEquals(asked?.headers.get(name), null, name);
      }
      assertEquals(there.asked[0]?.path, "/base/health");
      const view = await viewOf(program, "far");
      assertEquals([view.kind, view.state, view.pid, view.stopsAt], [
        "remote",
        "ready",
        null,
        null,
      ]);
      assertEquals(view.socket, `http://127.0.0.1:${there.port}/base`);
      const shown = (await program.run(["config", "show", path])).stdout;
      for (const secret of ["far-secret", "blue"]) assert(!shown.includes(secret), shown);
      const config = JSON.stringify((await program.json("/api/config")).body);
      for (const secret of ["far-secret", "blue"]) assert(!config.includes(secret), config);
    },
    { FAR_KEY: "far-secret" },
  );
});

Deno.test("/v1 reaches a remote engine by its model", async () => {
  await using there = new Elsewhere("a");
  const settings = `    url: http://127.0.0.1:${there.port}\n    models: [big]\n`;
  await withEngine(settings, async (program) => {
    const { body } = await program.json("/v1/chat/completions", { body: { model: "big" } });
    assertEquals(body, { name: "a" });
    const listed = (await program.json("/v1/models")).body.data;
    assertEquals(listed.map(({ id }: { id: string }) => id), ["big"]);
  });
});

Deno.test("start, stop and restart of a remote engine are 409, and change nothing", async () => {
  await using there = new Elsewhere("a");
  await withEngine(`    url: http://127.0.0.1:${there.port}\n`, async (program) => {
    await ready(program);
    for (const action of ["start", "stop", "restart"]) {
      assertProblem(await act(program, action, "far"), { status: 409, code: "not_managed" });
    }
    assertEquals((await viewOf(program, "far")).state, "ready");
    assertEquals((await program.json("/upstream/far/")).status, 200);
  });
});

Deno.test("several servers share the requests by their weights", async () => {
  await using a = new Elsewhere("a");
  await using b = new Elsewhere("b");
  await withEngine(
    `    url:
      - url: http://127.0.0.1:${a.port}
        weight: 3
      - http://127.0.0.1:${b.port}
`,
    async (program) => {
      await eventually("both are ready", async () => {
        const { instances = [] } = await viewOf(program, "far");
        return instances.filter((one: { state: string }) => one.state === "ready").length === 2;
      });
      let held = 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      for (const one of [a, b]) {
        one.answer = async (request) => {
          if (request.url.endsWith("/health")) return new Response();
          if (++held === 8) resolve();
          await promise;
          return new Response("ok");
        };
      }
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => program.fetch("/upstream/far/")),
      );
      for (const answer of answers) await answer.text();
      assertEquals([a.requests.length, b.requests.length], [6, 2]);
    },
  );
});

Deno.test("a remote engine that is down is failed and says so at once; it is back when it answers", async () => {
  const gone = new Elsewhere("a");
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  await withEngine(`    url: http://127.0.0.1:${port}\n`, async (program) => {
    const answer = await program.json("/upstream/far/");
    const problem = assertProblem(answer, { status: 502, code: "upstream_failed" });
    assertStringIncludes(problem.detail, "nobody listens there");
    assertEquals(answer.headers.get("retry-after"), "5");
    assertEquals((await viewOf(program, "far")).state, "failed");
    await using _back = new Elsewhere("b", { port });
    await ready(program);
    assertEquals((await program.json("/upstream/far/")).body, { name: "b" });
  });
});

Deno.test("a remote engine that is unwell is failed with its status", async () => {
  await using there = new Elsewhere("a");
  there.answer = () => new Response("no", { status: 503 });
  await withEngine(`    url: http://127.0.0.1:${there.port}\n`, async (program) => {
    const problem = assertProblem(await program.json("/upstream/far/"), {
      status: 502,
      code: "health_failed",
    });
    assertStringIncludes(problem.detail, "answered GET /health with 503");
    assertEquals(there.requests.length, 0);
  });
});

Deno.test("a remote engine without a health path is ready when it takes connections", async () => {
  await using there = new Elsewhere("a");
  there.answer = () => new Response("here", { status: 404 });
  const settings = `    url: http://127.0.0.1:${there.port}\n    ready: accept\n`;
  await withEngine(settings, async (program) => {
    const answer = await program.fetch("/upstream/far/");
    assertEquals([answer.status, await answer.text()], [404, "here"]);
  });
});

Deno.test("a remote engine that says garbage is failed, and named", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const conn of listener) {
      await conn.write(new TextEncoder().encode("SSH-2.0-OpenSSH_9.2\r\n")).catch(() => {});
      conn.close();
    }
  })();
  await withEngine(`    url: http://127.0.0.1:${listener.addr.port}\n`, async (program) => {
    const { status, body } = await program.json("/upstream/far/");
    assertEquals([status, body.code], [502, "upstream_failed"]);
    assertStringIncludes(body.detail, "did not keep to HTTP/1.1");
  });
  listener.close();
  await serving.catch(() => {});
});

Deno.test("a remote engine that never answers is failed after the probe's limit", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await withEngine(`    url: http://127.0.0.1:${listener.addr.port}\n`, async (program) => {
    const { status, body } = await program.json("/upstream/far/");
    assertEquals([status, body.code], [502, "upstream_failed"]);
    assertStringIncludes(body.detail, "within 5 s");
  });
});

Deno.test("https with a private authority, and without it", async () => {
  await using made = await certified();
  await using there = new Elsewhere("a", made.server);
  const url = `    url: https://localhost:${there.port}\n`;
  await withEngine(`${url}    ca: ${made.authorityFile}\n`, async (program) => {
    assertEquals((await program.json("/upstream/far/")).body, { name: "a" });
  });
  await withEngine(url, async (program) => {
    const problem = assertProblem(await program.json("/upstream/far/"), {
      status: 502,
      code: "upstream_failed",
    });
    assertStringIncludes(problem.detail, "certificate is not one that is trusted");
  });
});

Deno.test("the key of an engine elsewhere is found in no other engine's environment, what it names itself is", async () => {
  const limited = new URL("../support/engines/limited.py", import.meta.url).pathname;
  const near = (name: string, more = "") => `  ${name}:\n    command: ["${limited}"]\n${more}`;
  const text = `    url: http://127.0.0.1:1/
    headers: {Authorization: "Bearer \${env.FAR_KEY}"}
${near("all")}${near("named", "    environment: {inherit: [PATH, FAR_KEY]}\n")}`;
  await withEngine(text, async (program) => {
    const namesOf = async (engine: string) => {
      const path = `/api/engines/${engine}/input`;
      const { body } = await program.json(path, { body: { input: "facts" } });
      return JSON.parse(body.message as string).names as string[];
    };
    const all = await namesOf("all");
    assert(all.includes("PATH") && all.includes("FAR_COLOUR") && !all.includes("FAR_KEY"));
    assert((await namesOf("named")).includes("FAR_KEY"));
  }, { FAR_KEY: "secret", FAR_COLOUR: "blue" });
});
