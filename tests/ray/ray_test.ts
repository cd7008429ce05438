/** Our engine as a deployment of Ray Serve on two nodes, behind the supervisor: `deno task test:ray`. */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { RunningProgram } from "../support/program.ts";

/** Where Ray's packages are, and the Python for them: only that task sets them. */
const PACKAGES = Deno.env.get("AI_ENGINE_TEST_RAY");
const PYTHON = Deno.env.get("AI_ENGINE_TEST_RAY_PYTHON");

const CLUSTER = fromFileUrl(new URL("cluster.py", import.meta.url));
const CLIENTS = 8;

/** How many answers each client takes before a node is killed, and then until it is content. */
const BEFORE = 20;
const AFTER = 100;

/** The cluster's process: it is told lines and prints lines. */
class Cluster implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(python: string, packages: string) {
    this.#child = new Deno.Command(python, {
      args: [CLUSTER],
      env: { PYTHONPATH: packages },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async kill(): Promise<void> {
    await this.#writer.write(new TextEncoder().encode("kill\n"));
    await this.printed(/^killed$/m);
  }

  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) return found;
      const { done, value = "" } = await this.#reader.read();
      if (done) throw new Error(`the cluster ended without ${pattern}: ${this.#text}`);
      this.#text += value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    // What it still prints is read: a broken pipe would end it in the middle of its clean-up.
    while (!(await this.#reader.read()).done);
    await this.#child.status;
  }
}

const post = (url: string) =>
  fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ input: "hello" }),
  });

Deno.test({
  name: "engines on a Ray cluster: a node is killed under load, and requests go on",
  ignore: PACKAGES === undefined || PYTHON === undefined,
  async fn() {
    await using cluster = new Cluster(PYTHON ?? "", PACKAGES ?? "");
    const [, url = ""] = await cluster.printed(/^url: (\S+)$/m);
    const dir = await Deno.makeTempDir({ prefix: "aie-" });
    const config = join(dir, "config.yaml");
    await Deno.writeTextFile(
      config,
      // Ray's own health wakes no replica.
      `engines:\n  two:\n    url: ${url}/two\n  zero:\n    url: ${url}\n    healthPath: /-/healthz\n`,
    );
    await using program = await RunningProgram.start({ args: ["--config", config] });

    // One that has no replica gets its first by the request.
    const first = await post(`${program.url}/upstream/zero/input`);
    assertEquals([first.status, (await first.json()).message], [200, "You said: hello"]);

    // With the model in the box.
    const embedded = await fetch(`${program.url}/upstream/two/v1/embeddings`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ input: "hello" }),
    });
    assertEquals((await embedded.json()).data[0].embedding.length, 384);

    const answered = Array.from({ length: CLIENTS }, () => 0);
    const refused: number[] = [];
    let killed = Infinity;
    const clients = answered.map(async (_, client) => {
      for (let since = 0; since < AFTER;) {
        const answer = await post(`${program.url}/upstream/two/input`);
        await answer.body?.cancel();
        answered[client] = (answered[client] ?? 0) + 1;
        if (answer.status !== 200) refused.push(answer.status);
        if (performance.now() < killed) continue;
        // Those in a row since the last that went wrong.
        since = answer.status === 200 ? since + 1 : 0;
      }
    });
    while (answered.some((count) => count < BEFORE)) await new Promise((go) => setTimeout(go, 10));
    assertEquals(refused, [], "before the kill");
    await cluster.kill();
    killed = performance.now();
    await Promise.all(clients);
    // What was on the dead node, or sent there before Ray knew, got an error, visibly so; after that
    // each client had a hundred good answers in a row.
    assert(refused.every((status) => status >= 500), `refused: ${refused}`);
    console.log(`${refused.length} requests were refused when the node died: ${refused}`);
    await Deno.remove(dir, { recursive: true });
  },
});
