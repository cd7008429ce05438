/** The program with next to no descriptors. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually, RunningProgram } from "../support/program.ts";
import { assertProblem, openGate, scripted } from "./support/harness.ts";
import { KeptClient } from "./support/kept_client.ts";

/** A client that asks once and stays connected; its answer's status line. */
async function ask(port: number): Promise<{ conn: Deno.Conn; answer: string }> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const buffer = new Uint8Array(4096);
  const count = await conn.read(buffer);
  return { conn, answer: new TextDecoder().decode(buffer.subarray(0, count ?? 0)) };
}

Deno.test({
  name: "with 64 descriptors it starts, says what it can't do, refuses one too many, and recovers",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using program = await RunningProgram.start({
      args: ["--engine", "builtin"],
      prefix: ["sh", "-c", 'ulimit -n 64 && exec "$0" "$@"'],
    });
    await program.printed(/16 clients are served at once/);
    const port = Number(new URL(program.url).port);
    const served: Deno.Conn[] = [];
    for (let client = 0; client < 16; client++) {
      const { conn, answer } = await ask(port);
      served.push(conn);
      assertMatch(answer, /^HTTP\/1\.1 200 /);
    }
    const { conn, answer } = await ask(port);
    assertMatch(answer, /^HTTP\/1\.1 503 [^]*too_many_connections/);
    conn.close();
    for (const each of served) each.close();
    // The engine starts with what descriptors there are.
    const started = await fetch(`${program.url}/api/engines/builtin/start`, { method: "POST" });
    assertEquals(started.status, 200);
    assert((await started.json()).state === "ready");
  },
});

/** Sets how many descriptors the program may have open from now on; those open stay open. */
async function limitDescriptors({ pid }: RunningProgram, most: number): Promise<void> {
  const args = ["--pid", String(pid), `--nofile=${most}:`];
  const { success } = await new Deno.Command("prlimit", { args }).output();
  assert(success);
}

Deno.test({
  name:
    "a burst that takes all descriptors: what is open goes on, the rest is told why, and recovers",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using program = await RunningProgram.start({
      ...scripted(),
      prefix: ["sh", "-c", 'ulimit -n 64 && exec "$0" "$@"'],
    });
    using holder = await KeptClient.open(program);
    using asker = await KeptClient.open(program);
    const say = (input: string) => ["POST", "/api/engines/scripted/input", { input }] as const;
    assertEquals((await asker.json(...say("first"))).status, 200);

    await limitDescriptors(program, 10);
    // It takes the connection to the engine that is kept.
    const held = holder.json(...say("wait open"));
    await program.printed(/waiting for open/);
    const refused = assertProblem(await asker.json(...say("no connection left")), {
      status: 503,
      code: "too_many_connections",
    });
    assertMatch(refused.detail, /no descriptor left \(`ulimit -n`\)/);
    await openGate(program, "open");
    assertEquals((await held).body.message, "waited");
    assertEquals((await asker.json(...say("kept"))).status, 200);

    assertEquals((await asker.json("POST", "/api/engines/scripted/stop")).body.state, "stopped");
    const started = holder.json("POST", "/api/engines/scripted/start");
    await eventually("a backoff that says why", async () => {
      const { state, lastError } = (await asker.json("GET", "/api/engines/scripted")).body;
      return state === "backoff" && /64 descriptors .*ulimit -n/.test(lastError.detail);
    });
    // Nobody can accept it yet.
    using later = await KeptClient.open(program);
    const answer = later.json(...say("later"));
    await limitDescriptors(program, 64);
    assertEquals((await started).body.state, "ready");
    assertEquals((await answer).body.message, "You said: later");
  },
});
