import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { SocketControlClient } from "../../src/cli/control_client.ts";
import { ConnectError } from "../../src/core/mod.ts";
import { SystemClock, systemNet } from "../../src/platform/mod.ts";
import { UnixClient } from "../../src/pool/mod.ts";

/** Runs `test` with a client of a control socket in a directory of its own. */
async function withClient(
  test: (client: SocketControlClient, path: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "control.sock");
  const clock = new SystemClock();
  const instance = new UnixClient({ path, net: systemNet, clock });
  const client = new SocketControlClient(instance, path);
  try {
    await test(client, path);
  } finally {
    client.close();
    clock.close();
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("over a real control socket JSON goes out and comes back", async () => {
  await withClient(async (client, path) => {
    const server = Deno.serve({ path, onListen: () => {} }, async (request) => {
      const { method, url } = request;
      const body = await request.text();
      return Response.json({ method, path: new URL(url).pathname, body }, { status: 202 });
    });
    const request = { method: "POST", target: "/x", body: { input: "grüße" } } as const;
    const answer = await client.request(request);
    assertEquals(answer.status, 202);
    assertEquals(answer.json, { method: "POST", path: "/x", body: '{"input":"grüße"}' });
    await server.shutdown();
  });
});

Deno.test("without a socket, and with one that nobody listens on, nothing is reachable", async () => {
  await withClient(async (client, path) => {
    const ask = () => client.request({ method: "GET", target: "/health" });
    for (const kind of ["missing", "stale"]) {
      if (kind === "stale") await leaveStaleSocket(path);
      const error = await assertRejects(ask, ConnectError, `No supervisor listens on ${path}.`);
      assertEquals([error.code, error.stage], ["unreachable", "before_send"], kind);
    }
  });
});

Deno.test("a peer that hangs up, or speaks something else, is not reachable either", async () => {
  const said: readonly [string, string][] = [
    ["", "broke off before it answered"],
    ["SSH-2.0-OpenSSH_9.2\r\n", "does not speak as AI Engine does"],
  ];
  for (const [greeting, why] of said) {
    await withClient(async (client, path) => {
      const listener = Deno.listen({ transport: "unix", path });
      const served = (async () => {
        using connection = await listener.accept();
        await connection.read(new Uint8Array(1_024));
        if (greeting !== "") await connection.write(new TextEncoder().encode(greeting));
      })();
      const request = () => client.request({ method: "GET", target: "/health" });
      const error = await assertRejects(request, ConnectError, why);
      assertEquals(error.code, "unreachable");
      await served;
      listener.close();
    });
  }
});

/** Leaves a socket file behind as a killed supervisor does. */
async function leaveStaleSocket(path: string): Promise<void> {
  const listener = Deno.listen({ transport: "unix", path: `${path}.new` });
  await Deno.rename(`${path}.new`, path);
  listener.close();
}
