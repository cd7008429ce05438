import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ConfigError } from "../../src/core/mod.ts";
import { type HttpHandler, listenTcp, listenUnix } from "../../src/platform/mod.ts";
import { leaveStaleSocket, listenDeaf } from "./support/sockets.ts";
import { withTempDir } from "./support/temp_dir.ts";
import { within } from "./support/until.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };
const SETTING = "--control (AI_ENGINE_CONTROL)";
const hello: HttpHandler = () => Promise.resolve(new Response("hello"));

/** The answer to `GET /` on a new connection. */
async function ask(to: Deno.ConnectOptions | Deno.UnixConnectOptions): Promise<string> {
  using conn = await Deno.connect(to as Deno.ConnectOptions);
  const request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  await conn.write(new TextEncoder().encode(request));
  return await new Response(conn.readable).text();
}

const askTcp = (port: number) => ask({ hostname: "127.0.0.1", port });
const askUnix = (path: string) => ask({ transport: "unix", path });

Deno.test("listenTcp() takes a free port for 0, says which, and answers there", async () => {
  const listener = listenTcp(LOOPBACK, hello);
  assertGreater(listener.port, 0);
  assertStringIncludes(await askTcp(listener.port), "hello");
  await listener.close(1_000);
});

Deno.test("listenTcp() refuses a port in use, naming address and setting", async () => {
  const first = listenTcp(LOOPBACK, hello);
  const error = assertThrows(
    () => listenTcp({ ...LOOPBACK, port: first.port }, hello),
    ConfigError,
  );
  assertEquals(error.code, "port_in_use");
  assertStringIncludes(error.message, `127.0.0.1:${first.port}`);
  assertStringIncludes(error.remedy, "--listen");
  assertStringIncludes(await askTcp(first.port), "hello");
  await first.close(1_000);
});

Deno.test("listenTcp() refuses an address that is not this machine's", () => {
  const error = assertThrows(
    () => listenTcp({ hostname: "192.0.2.1", port: 0 }, hello),
    ConfigError,
  );
  assertEquals(error.code, "config_invalid");
  assertStringIncludes(error.message, "--listen");
});

Deno.test("a handler that fails is answered with a bare 500 that tells nothing", async () => {
  const listener = listenTcp(LOOPBACK, () => Promise.reject(new Error("secret")));
  const answer = await askTcp(listener.port);
  assertStringIncludes(answer, "HTTP/1.1 500");
  assert(!answer.includes("secret"));
  await listener.close(1_000);
});

Deno.test("close() lets a request in flight end, and takes no new connection", async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: end, resolve: finish } = Promise.withResolvers<void>();
  const listener = listenTcp(LOOPBACK, async () => {
    begin();
    await end;
    return new Response("late");
  });
  const answer = askTcp(listener.port);
  await begun;
  const closed = listener.close(60_000);
  await assertRejects(() => askTcp(listener.port));
  finish();
  assertStringIncludes(await answer, "late");
  await closed;
});

Deno.test("close() ends at its deadline though a request hangs", async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: never, resolve: finish } = Promise.withResolvers<Response>();
  const listener = listenTcp(LOOPBACK, () => {
    begin();
    return never;
  });
  const answer = askTcp(listener.port);
  await begun;
  await within("close", listener.close(10));
  finish(new Response("late"));
  assertStringIncludes(await answer, "late");
});

Deno.test("close() ends at its deadline though an answer never ends", async () => {
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  const listener = listenTcp(LOOPBACK, () => Promise.resolve(new Response(readable)));
  const answer = askTcp(listener.port);
  await writer.write(new TextEncoder().encode("first"));
  await within("close", listener.close(10));
  await writer.close();
  assertStringIncludes(await answer, "first");
});

Deno.test("listenUnix() makes a socket of mode 0600, whatever the umask, and leaves the umask", () =>
  withTempDir(async (dir) => {
    const umask = Deno.umask(0o022);
    try {
      const listener = await listenUnix(`${dir}/s`, SETTING, hello);
      assertEquals((await Deno.lstat(`${dir}/s`)).mode! & 0o7777, 0o600);
      assertEquals(listener.port, 0);
      assertStringIncludes(await askUnix(`${dir}/s`), "hello");
      assertEquals(Deno.umask(), 0o022);
      await listener.close(1_000);
      await assertRejects(() => Deno.lstat(`${dir}/s`), Deno.errors.NotFound);
    } finally {
      Deno.umask(umask);
    }
  }));

Deno.test("listenUnix() takes the place of a stale socket", () =>
  withTempDir(async (dir) => {
    await leaveStaleSocket(`${dir}/s`);
    const listener = await listenUnix(`${dir}/s`, SETTING, hello);
    assertStringIncludes(await askUnix(`${dir}/s`), "hello");
    await listener.close(1_000);
  }));

async function assertRefused(path: string): Promise<ConfigError> {
  const error = await assertRejects(() => listenUnix(path, SETTING, hello), ConfigError);
  assertEquals(error.code, "port_in_use");
  assertStringIncludes(error.message, path);
  assertStringIncludes(error.remedy, "--control");
  return error;
}

Deno.test("listenUnix() refuses a socket on which another program answers, and leaves it", () =>
  withTempDir(async (dir) => {
    const other = Deno.serve({ path: `${dir}/s`, onListen() {} }, () => new Response("theirs"));
    await assertRefused(`${dir}/s`);
    assertStringIncludes(await askUnix(`${dir}/s`), "theirs");
    await other.shutdown();
  }));

Deno.test("listenUnix() refuses a socket whose owner is too busy to answer, and leaves it", () =>
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

Deno.test("listenUnix() refuses a link, a file and a directory, and leaves them", () =>
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
  name: "listenUnix() refuses another user's stale socket, and leaves it",
  ignore: Deno.uid() !== 0,
  fn: () =>
    withTempDir(async (dir) => {
      await leaveStaleSocket(`${dir}/s`);
      await Deno.chown(`${dir}/s`, 12_345, 12_345);
      await assertRefused(`${dir}/s`);
      assert((await Deno.lstat(`${dir}/s`)).isSocket);
    }),
});

Deno.test("listenUnix() says what is wrong with a path that can't be listened on", () =>
  withTempDir(async (dir) => {
    const umask = Deno.umask();
    for (const path of [`${dir}/${"x".repeat(120)}`, `${dir}/none/s`]) {
      const error = await assertRejects(() => listenUnix(path, SETTING, hello), ConfigError);
      assertEquals(error.code, "config_invalid");
      assertStringIncludes(error.message, "--control");
    }
    assertEquals(Deno.umask(), umask);
  }));
