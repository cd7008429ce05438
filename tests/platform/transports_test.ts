/** Ways to listeners of every kind, and free places for them. */
import { assertEquals, assertRejects } from "@std/assert";
import { type ByteStream, DialError, type EngineAddress } from "../../src/core/mod.ts";
import { systemTransports } from "../../src/platform/mod.ts";
import { certified } from "../support/certificates.ts";

const { to, freePort, isTaken } = systemTransports;

/** Sends a line and reads what comes back. */
async function exchange(stream: ByteStream, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
  const buffer = new Uint8Array(7);
  let answer = "";
  while (answer.length < text.length) {
    const count = await stream.read(buffer);
    if (count === null) break;
    answer += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return answer;
}

/** Says back on one connection what comes, until that ends. */
async function echoOnce(listener: Deno.Listener): Promise<void> {
  using conn = await listener.accept();
  const buffer = new Uint8Array(64);
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    await conn.write(buffer.slice(0, count));
  }
}

async function assertEchoes(address: EngineAddress, listener: Deno.Listener): Promise<void> {
  const echoing = echoOnce(listener);
  const stream = await to(address).connect();
  assertEquals(await exchange(stream, "hello over there"), "hello over there");
  stream.close();
  stream.close();
  await assertRejects(() => stream.write(new Uint8Array(1)));
  await echoing;
}

Deno.test("bytes go to a port and come back", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await assertEchoes({ kind: "tcp", hostname: "127.0.0.1", port }, listener);
});

for (const kind of ["unix", "pipe"] as const) {
  Deno.test(`bytes go to a path by ${kind} and come back`, async () => {
    const dir = await Deno.makeTempDir();
    const path = `${dir}/e.sock`;
    {
      using listener = Deno.listen({ transport: "unix", path });
      await assertEchoes({ kind, path }, listener);
    }
    await Deno.remove(dir, { recursive: true });
  });
}

Deno.test("a read by pipe that is pending rejects when the stream is closed", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/e.sock`;
  {
    using listener = Deno.listen({ transport: "unix", path });
    const stream = await to({ kind: "pipe", path }).connect();
    using _conn = await listener.accept();
    const reading = stream.read(new Uint8Array(8));
    stream.close();
    await assertRejects(() => reading);
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("the end of a peer is the end of a stream by pipe", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/e.sock`;
  {
    using listener = Deno.listen({ transport: "unix", path });
    const stream = await to({ kind: "pipe", path }).connect();
    const conn = await listener.accept();
    await conn.write(new TextEncoder().encode("bye"));
    conn.close();
    const buffer = new Uint8Array(8);
    assertEquals(await stream.read(buffer), 3);
    assertEquals(await stream.read(buffer), null);
    stream.close();
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("bytes go to a server with a certificate of a private authority, which is named", async () => {
  await using made = await certified();
  using listener = Deno.listenTls({ hostname: "localhost", port: 0, ...made.server });
  const { port } = listener.addr;
  const address = { kind: "tls", hostname: "localhost", port } as const;
  await assertEchoes({ ...address, caFile: made.authorityFile }, listener);
});

Deno.test("a certificate of nobody that is trusted is a failed dial", async () => {
  await using made = await certified();
  using listener = Deno.listenTls({ hostname: "localhost", port: 0, ...made.server });
  const accepting = echoOnce(listener).catch(() => {});
  const { port } = listener.addr;
  const transport = to({ kind: "tls", hostname: "localhost", port, caFile: null });
  const error = await assertRejects(() => transport.connect(), DialError);
  assertEquals(error.failure, "bad_certificate");
  await accepting;
});

Deno.test("why a dial failed is told", async () => {
  const failureOf = async (address: EngineAddress) =>
    (await assertRejects(() => to(address).connect(), DialError)).failure;
  assertEquals(
    await failureOf({ kind: "tcp", hostname: "127.0.0.1", port: freePort() }),
    "not_listening",
  );
  assertEquals(await failureOf({ kind: "pipe", path: "/nothing/here.sock" }), "no_socket");
  assertEquals(
    await failureOf({ kind: "tcp", hostname: "no-such-host.invalid", port: 1 }),
    "unknown_host",
  );
});

Deno.test("freePort() gives another port each time, on which nobody listens", () => {
  const ports = Array.from({ length: 40 }, freePort);
  assertEquals(new Set(ports).size, ports.length);
  assertEquals(ports.map(isTaken), ports.map(() => false));
});

for (const hostname of ["127.0.0.1", "0.0.0.0"]) {
  Deno.test(`isTaken() tells of who listens on ${hostname}`, () => {
    using listener = Deno.listen({ hostname, port: 0 });
    assertEquals(isTaken(listener.addr.port), true);
  });
}

Deno.test("an address has a name: IPv6 in brackets", () => {
  assertEquals(to({ kind: "tcp", hostname: "::1", port: 80 }).name, "[::1]:80");
});
