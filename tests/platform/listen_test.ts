import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ConfigError } from "../../src/core/mod.ts";
import { openTcpListener, openUnixListener } from "../../src/platform/mod.ts";
import { leaveStaleSocket, listenDeaf } from "./support/sockets.ts";
import { withTempDir } from "./support/temp_dir.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };
const SETTING = "--control (AI_ENGINE_CONTROL)";

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

Deno.test("openTcpListener() refuses an address that is not this machine's", () => {
  const error = assertThrows(
    () => openTcpListener({ hostname: "192.0.2.1", port: 0 }),
    ConfigError,
  );
  assertEquals(error.code, "config_invalid");
  assertStringIncludes(error.message, "--listen");
});

async function assertRefused(path: string): Promise<ConfigError> {
  const error = await assertRejects(() => openUnixListener(path, SETTING), ConfigError);
  assertEquals(error.code, "port_in_use");
  assertStringIncludes(error.message, path);
  assertStringIncludes(error.remedy, "--control");
  return error;
}

Deno.test("openUnixListener() refuses a socket on which another program answers, and leaves it", () =>
  withTempDir(async (dir) => {
    const other = Deno.listen({ transport: "unix", path: `${dir}/s` });
    await assertRefused(`${dir}/s`);
    assert((await Deno.lstat(`${dir}/s`)).isSocket);
    other.close();
  }));

Deno.test("openUnixListener() refuses a socket whose owner is too busy to answer, and leaves it", () =>
  withTempDir(async (dir) => {
    const deaf = await listenDeaf(`${dir}/s`);
    const queued: Deno.Conn[] = [];
    const connect = () => Deno.connect({ transport: "unix", path: `${dir}/s` });
    try {
      await assertRejects(async () => {
        for (let i = 0; i < 10; i++) queued.push(await connect());
      }, Deno.errors.WouldBlock);
      await assertRefused(`${dir}/s`);
      assert((await Deno.lstat(`${dir}/s`)).isSocket);
    } finally {
      for (const conn of queued) conn.close();
      await deaf.end();
    }
  }));

Deno.test("openUnixListener() refuses a link, a file and a directory, and leaves them", () =>
  withTempDir(async (dir) => {
    await leaveStaleSocket(`${dir}/stale`);
    await Deno.symlink(`${dir}/stale`, `${dir}/link`);
    await Deno.symlink(`${dir}/none`, `${dir}/dangling`);
    await Deno.writeTextFile(`${dir}/file`, "precious");
    await Deno.mkdir(`${dir}/directory`);
    for (const name of ["link", "dangling", "file", "directory"]) {
      await assertRefused(`${dir}/${name}`);
    }
    assert((await Deno.lstat(`${dir}/link`)).isSymlink);
    assert((await Deno.lstat(`${dir}/stale`)).isSocket);
    assert((await Deno.lstat(`${dir}/dangling`)).isSymlink);
    assertEquals(await Deno.readTextFile(`${dir}/file`), "precious");
  }));

Deno.test({
  name: "openUnixListener() refuses another user's stale socket, and leaves it",
  ignore: Deno.uid() !== 0,
  fn: () =>
    withTempDir(async (dir) => {
      await leaveStaleSocket(`${dir}/s`);
      await Deno.chown(`${dir}/s`, 12_345, 12_345);
      await assertRefused(`${dir}/s`);
      assert((await Deno.lstat(`${dir}/s`)).isSocket);
    }),
});

Deno.test("openUnixListener() says what is wrong with a path that can't be listened on", () =>
  withTempDir(async (dir) => {
    const umask = Deno.umask();
    for (const path of [`${dir}/${"x".repeat(120)}`, `${dir}/none/s`]) {
      const error = await assertRejects(() => openUnixListener(path, SETTING), ConfigError);
      assertEquals(error.code, "config_invalid");
      assertStringIncludes(error.message, "--control");
    }
    assertEquals(Deno.umask(), umask);
  }));
