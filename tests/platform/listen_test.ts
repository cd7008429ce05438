import { assertEquals, assertGreater, assertRejects, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/core/mod.ts";
import { openTcpListener, openUnixListener } from "../../src/platform/mod.ts";
import { leaveStaleSocket } from "./support/sockets.ts";
import { withTempDir } from "./support/temp_dir.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

Deno.test("openTcpListener() takes a free port for 0, and says who connects", async () => {
  const listener = openTcpListener(LOOPBACK);
  const { address } = listener;
  if (address.kind !== "tcp") throw new TypeError("not TCP");
  assertGreater(address.port, 0);
  using conn = await Deno.connect(address);
  const stream = await listener.accept();
  assertEquals(stream?.clientAddress, "127.0.0.1");
  await stream?.write(new TextEncoder().encode("hi"));
  await stream?.closeWrite();
  const buffer = new Uint8Array(8);
  assertEquals(await conn.read(buffer), 2);
  assertEquals(await conn.read(buffer), null);
  await conn.write(new TextEncoder().encode("still"));
  assertEquals(await stream?.read(buffer), 5);
  stream?.close();
  stream?.close();
  listener.close();
});

Deno.test("close() ends a waiting accept with null, and every later one", async () => {
  const listener = openTcpListener(LOOPBACK);
  const waiting = listener.accept();
  listener.close();
  listener.close();
  assertEquals(await waiting, null);
  assertEquals(await listener.accept(), null);
});

Deno.test("close() of an accepted stream rejects the read under way", async () => {
  const listener = openTcpListener(LOOPBACK);
  if (listener.address.kind !== "tcp") throw new TypeError("not TCP");
  using _conn = await Deno.connect(listener.address);
  const stream = await listener.accept();
  const reading = stream?.read(new Uint8Array(1));
  stream?.close();
  await assertRejects(() => reading ?? Promise.resolve());
  listener.close();
});

Deno.test("openTcpListener() refuses a port in use", () => {
  const listener = openTcpListener(LOOPBACK);
  const { address } = listener;
  if (address.kind !== "tcp") throw new TypeError("not TCP");
  const error = assertThrows(() => openTcpListener(address), ConfigError);
  assertEquals(error.code, "port_in_use");
  listener.close();
});

Deno.test("openUnixListener() makes a socket of mode 0600 in place of a stale one, and removes it", () =>
  withTempDir(async (dir) => {
    const path = `${dir}/s`;
    await leaveStaleSocket(path);
    const umask = Deno.umask(0o022);
    try {
      const listener = await openUnixListener(path, "--control");
      assertEquals(listener.address, { kind: "unix", path });
      assertEquals((await Deno.lstat(path)).mode! & 0o7777, 0o600);
      assertEquals(Deno.umask(), 0o022);
      await assertRejects(() => openUnixListener(path, "--control"), ConfigError);
      using _conn = await Deno.connect({ transport: "unix", path });
      const stream = await listener.accept();
      assertEquals(stream?.clientAddress, null);
      stream?.close();
      // The refused opening has looked whether somebody answers.
      listener.close();
      await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
    } finally {
      Deno.umask(umask);
    }
  }));
