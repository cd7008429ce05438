/** The program with next to no descriptors. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { RunningProgram } from "../support/program.ts";

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
