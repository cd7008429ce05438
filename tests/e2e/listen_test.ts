/** Several addresses at once, TCP and Unix sockets: what `--listen` names, again and again. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { type Finished, type JsonAnswer, RunningProgram, runProgram } from "../support/program.ts";
import {
  assertProblem,
  BUILTIN,
  openGate,
  scripted,
  tempDir,
  viewOf,
  withProgram,
} from "./support/harness.ts";

const FREE_PORT = "127.0.0.1:0";
const hasIpv6 = canListen("::1");

/** Asks over one address, on connections of its own. */
class Door implements Disposable {
  readonly #base: string;
  readonly #client: Deno.HttpClient;

  private constructor(base: string, client: Deno.HttpClient) {
    this.#base = base;
    this.#client = client;
  }

  static tcp(url: string): Door {
    return new Door(url, Deno.createHttpClient({}));
  }

  /** `host` goes out as the `Host` of every request. */
  static unix(path: string, host = "localhost"): Door {
    const proxy = { transport: "unix", path } as const;
    return new Door(`http://${host}`, Deno.createHttpClient({ proxy }));
  }

  async ask(path: string, init: RequestInit = {}): Promise<JsonAnswer> {
    const response = await fetch(this.#base + path, { ...init, client: this.#client });
    const { status, headers } = response;
    const text = await response.text();
    const isJson = /json/.test(headers.get("content-type") ?? "");
    return { status, headers, body: isJson ? JSON.parse(text) : text };
  }

  send(input: string, engine: string): Promise<JsonAnswer> {
    const body = JSON.stringify({ input });
    return this.ask(`/api/engines/${engine}/input`, { method: "POST", body });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

Deno.test("two ports and a Unix socket serve side by side, and the banner names each", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "api.sock");
  const listen = [FREE_PORT, `unix:${path}`, FREE_PORT];
  await withProgram({ ...BUILTIN, listen }, async (program) => {
    const [one = "", other = "", ...more] = program.urls;
    assertEquals(more, []);
    assertNotEquals(one, other);
    assertMatch(
      program.stdout,
      /^ +open +http:.*\n +socket +\/.*api\.sock\n +open +http:.*\n +engine /m,
    );
    assertEquals(((await Deno.lstat(path)).mode ?? 0) & 0o777, 0o600);
    using first = Door.tcp(one);
    using second = Door.tcp(other);
    using third = Door.unix(path);
    for (const [i, door] of [first, second, third].entries()) {
      const { body } = await door.send(`door ${i}`, "builtin");
      assertEquals([body.message, body.count], [`You said: door ${i}`, i + 1]);
      const listed = await door.ask("/api/engines");
      assertEquals(listed.body.engines[0].pid, (await viewOf(program, "builtin")).pid);
      assertStringIncludes((await door.ask("/")).body, "<!doctype html>");
      assertEquals((await door.ask("/upstream/builtin/status")).body.count, i + 1);
    }
  });
  await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
});

Deno.test("what is in flight on any address is answered at the end; then none is there", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "api.sock");
  const listen = [FREE_PORT, FREE_PORT, `unix:${path}`];
  await withProgram({ ...scripted(), listen }, async (program) => {
    const [one = "", other = ""] = program.urls;
    using first = Door.tcp(one);
    using second = Door.tcp(other);
    using third = Door.unix(path);
    const doors = [first, second, third];
    const answers = doors.map((door, i) => door.send(`wait gate${i}`, "scripted"));
    for (const i of doors.keys()) await program.printed(new RegExp(`waiting for gate${i}`));
    program.signal("SIGTERM");
    await program.printed(/SIGTERM: closing/);
    for (const i of doors.keys()) await openGate(program, `gate${i}`);
    assertEquals((await Promise.all(answers)).map(({ status }) => status), [200, 200, 200]);
    assertEquals((await program.ended()).code, 0);
    for (const url of [one, other]) {
      const { hostname, port } = new URL(url);
      const connect = () => Deno.connect({ hostname, port: Number(port) });
      await assertRejects(connect, Deno.errors.ConnectionRefused);
    }
  });
  assertEquals(await filesIn(dir.path), []);
});

Deno.test("on a Unix socket the rules of TCP hold, and nothing is shut down over it", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "api.sock");
  await withProgram({ ...BUILTIN, listen: [`unix:${path}`, FREE_PORT] }, async (program) => {
    using evil = Door.unix(path, "evil.example");
    const wrong = assertProblem(await evil.ask("/api/engines"), {
      status: 421,
      code: "wrong_host",
    });
    assertStringIncludes(wrong.remedy, "http://localhost/");
    using door = Door.unix(path);
    const start = "/api/engines/builtin/start";
    for (const foreign of [{ origin: "http://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const answer = await door.ask(start, { method: "POST", headers: { ...foreign } });
      assertProblem(answer, { status: 403, code: "forbidden_origin" });
    }
    assertProblem(await door.ask("/api/shutdown", { method: "POST" }), {
      status: 404,
      code: "not_found",
    });
    assertEquals((await viewOf(program, "builtin")).reason, null);
    const own = { headers: { origin: "http://localhost" } };
    assertEquals((await door.ask(start, { method: "POST", ...own })).body.state, "ready");
  });
});

Deno.test("without a port there is no URL, and everything works over the sockets", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "x".repeat(106 - dir.path.length));
  assertEquals(path.length, 107);
  await withProgram({ ...BUILTIN, listen: [`unix:${path}`] }, async (program) => {
    assertEquals([program.urls, program.stdout.includes(`socket   ${path}\n`)], [[], true]);
    using door = Door.unix(path);
    assertEquals((await door.send("hello", "builtin")).body.message, "You said: hello");
    assertEquals((await program.run(["send", "again"])).stdout, "You said: again\n");
  });
  assertEquals(await filesIn(dir.path), []);
});

Deno.test("AI_ENGINE_LISTEN names several with commas; a flag stands instead of all", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "api.sock");
  const env = { AI_ENGINE_LISTEN: `${FREE_PORT}, unix:${path},${FREE_PORT}` };
  await withProgram({ ...BUILTIN, listen: [], env }, async (program) => {
    assertEquals(program.urls.length, 2);
    using door = Door.unix(path);
    assertEquals((await door.ask("/health")).status, 200);
  });
  await withProgram({ ...BUILTIN, env }, async (program) => {
    assertEquals([program.urls.length, await filesIn(dir.path)], [1, []]);
  });
});

Deno.test({
  name: "IPv6 and IPv4 are served beside each other",
  ignore: !hasIpv6,
  fn: () =>
    withProgram({ ...BUILTIN, listen: [FREE_PORT, "[::1]:0"] }, async (program) => {
      const [, v6 = ""] = program.urls;
      assertMatch(v6, /^http:\/\/\[::1\]:\d+$/);
      using door = Door.tcp(v6);
      assertEquals((await door.ask("/health")).status, 200);
    }),
});

Deno.test("a stale socket file is replaced, and removed at the end", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "api.sock");
  await leaveStaleSocket(path);
  await withProgram({ ...BUILTIN, listen: [`unix:${path}`] }, async () => {
    using door = Door.unix(path);
    assertEquals((await door.ask("/health")).status, 200);
  });
  assertEquals(await filesIn(dir.path), []);
});

Deno.test("a killed program's sockets are stale, and the next one takes their place", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "api.sock");
  const runtimeDir = join(dir.path, "run");
  await Deno.mkdir(runtimeDir);
  const options = { ...BUILTIN, runtimeDir, listen: [`unix:${path}`] };
  const killed = await RunningProgram.start(options);
  killed.signal("SIGKILL");
  await killed.ended();
  assert((await Deno.lstat(path)).isSocket);
  await withProgram(options, async () => {
    using door = Door.unix(path);
    assertEquals((await door.ask("/health")).status, 200);
  });
});

/** PATH stands for a socket's place in an own directory, DIR for the directory. */
const REFUSED: readonly {
  readonly name: string;
  readonly there?: (path: string) => Promise<Disposable | void> | Disposable;
  readonly args: readonly string[];
  readonly exit: number;
  readonly says: RegExp;
}[] = [
  {
    name: "a live foreign listener",
    there: (path) => Deno.listen({ transport: "unix", path }),
    args: ["--listen", "unix:PATH"],
    exit: 9,
    says: /a socket on which another program answers.*\n.*--listen \(AI_ENGINE_LISTEN\)/,
  },
  {
    name: "a file",
    there: (path) => Deno.writeTextFile(path, "precious"),
    args: ["--listen", "unix:PATH"],
    exit: 9,
    says: /not a socket of yours.*\n.*--listen/,
  },
  {
    name: "a directory",
    there: (path) => Deno.mkdir(path),
    args: ["--listen", "unix:PATH"],
    exit: 9,
    says: /not a socket of yours/,
  },
  {
    name: "a symbolic link",
    there: (path) => Deno.symlink("/dev/null", path),
    args: ["--listen", "unix:PATH"],
    exit: 9,
    says: /not a socket of yours/,
  },
  {
    name: "an address given twice",
    args: ["--listen", "unix:PATH", "--listen", "unix:DIR/./api.sock"],
    exit: 2,
    says: /Usage error\ncause: --listen names ".*api\.sock" twice\.\ntry: Name each address once\./,
  },
  {
    name: "the control socket's own path",
    args: ["--listen", "unix:PATH", "--control", "PATH"],
    exit: 6,
    says: /wanted twice: for the control socket and for --listen\.\n.*a path each/,
  },
  {
    name: "an engine's own path",
    args: ["--listen", "unix:PATH", "--engine-socket", "PATH"],
    exit: 6,
    says: /wanted twice: for the engine builtin and for --listen/,
  },
  {
    name: "no path",
    args: ["--listen", FREE_PORT, "--listen", "unix:"],
    exit: 6,
    says: /--listen is "unix:", which names no path\.\n.*--listen unix:\//,
  },
  {
    name: "one of several that others can reach",
    args: ["--listen", "unix:PATH", "--listen", "0.0.0.0:0"],
    exit: 6,
    says: /0\.0\.0\.0 can be reached from other machines/,
  },
];

for (const { name, there, args, exit, says } of REFUSED) {
  Deno.test(`--listen: ${name} is refused, and all files stay as they are`, async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "api.sock");
    using _there = await there?.(path) ?? null;
    const before = await inodesIn(dir.path);
    const run = args.map((arg) => arg.replace("PATH", path).replace("DIR", dir.path));
    const { code, stdout, stderr, runtimeFiles } = await fail(...run);
    assertEquals([code, stdout], [exit, ""], stderr);
    assertMatch(stderr, says);
    assertEquals(await inodesIn(dir.path), before);
    assertEquals(runtimeFiles.filter((file) => file !== "supervisor.lock"), []);
  });
}

Deno.test("when the last of several can't be listened on, the others are closed again", async () => {
  await using dir = await tempDir();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${taken.addr.port}`;
  const sockets = ["a", "b"].map((name) => `unix:${join(dir.path, name)}`);
  const all = [FREE_PORT, ...sockets, address].flatMap((one) => ["--listen", one]);
  const { code, stdout, stderr, runtimeFiles } = await fail(...all);
  assertEquals([code, stdout], [9, ""]);
  assertStringIncludes(stderr, `${address} is in use by another program`);
  assertEquals([await filesIn(dir.path), runtimeFiles], [[], ["supervisor.lock"]]);
});

/** Runs `serve` to its end, in a runtime directory of its own; also tells what it left there. */
async function fail(
  ...args: readonly string[]
): Promise<Finished & { readonly runtimeFiles: readonly string[] }> {
  await using runtimeDir = await tempDir();
  const argv = ["serve", "--engine", "builtin", ...args];
  const finished = await runProgram(argv, { runtimeDir: runtimeDir.path });
  const files = await filesIn(join(runtimeDir.path, "ai-engine")).catch(() => []);
  return { ...finished, runtimeFiles: files };
}

async function filesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();
}

/** Every file, and which it is. */
async function inodesIn(dir: string): Promise<readonly (readonly [string, number | null])[]> {
  const files = await filesIn(dir);
  return files.map((name) => [name, Deno.lstatSync(join(dir, name)).ino]);
}

/** As a process leaves it that is killed. */
async function leaveStaleSocket(path: string): Promise<void> {
  const listener = Deno.listen({ transport: "unix", path: `${path}-` });
  await Deno.rename(`${path}-`, path); // or Deno would remove it
  listener.close();
}

function canListen(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
