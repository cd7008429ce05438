/** `doctor` on a machine that is made up. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeCli, type FakeCliOptions } from "./support/fake_cli.ts";
import type { FakeDoctor } from "./support/fake_doctor.ts";

async function examine(doctor: FakeDoctor, options: FakeCliOptions = {}) {
  const cli = new FakeCli({ doctor, finds: true, ...options });
  const code = await cli.run("doctor", "--engine", "builtin");
  return { code, text: cli.stdout.text, cli };
}

const limits = { descriptors: 65_536, threadsLeft: Infinity, pidsLeft: Infinity };

Deno.test("what is in order is a short line each", async () => {
  const { code, text } = await examine({});
  assertEquals(code, 0);
  assertEquals(text.split("\n"), [
    "ok     config          no file, defaults; 1 engine",
    "ok     runtime folder  /run/ada, 5.0 GB free",
    "ok     log folder      /home/ada/logs, 5.0 GB free",
    "ok     sockets         2 paths",
    "ok     port            127.0.0.1:7411 is free",
    "ok     cgroups         /sys/fs/cgroup/ada",
    "ok     descriptors     65536",
    "ok     processes       room for more",
    "ok     clock           2025-01-01T00:00:00.000Z",
    "ok     supervisor      none runs",
    "",
    "Nothing is wrong.",
    "",
  ]);
});

Deno.test("what is wrong has a sentence and a fix, which fit a narrow terminal", async () => {
  const { code, text } = await examine(
    { programMadeAt: () => Promise.resolve(Date.UTC(2026, 0, 1)) },
    { terminal: 50, env: { NO_COLOR: "1" } },
  );
  assertEquals(code, 1);
  const lines = text.split("\n");
  assertEquals(lines.slice(lines.findIndex((line) => line.includes("clock")), -4), [
    "wrong  clock           It says 2025-01-01, but",
    "                       this program was made on",
    "                       2026-01-01.",
    "                       try: Set it: timedatectl",
    "                       set-ntp true.",
  ]);
  assertEquals(lines.at(-2), "One thing is wrong.");
});

Deno.test("colours say it as well, where there are any", async () => {
  const { text } = await examine({}, { terminal: 100 });
  assertStringIncludes(text, "\x1b[32mok   \x1b[0m  config");
});

Deno.test("threads and processes that run out are told, and whose they are", async () => {
  for (
    const [left, says] of [
      [{ threadsLeft: 20 }, /wrong +processes +This user may have 20 more .*\n[^]*ulimit -u/],
      [{ pidsLeft: -1 }, /wrong +processes +The cgroup lets in 0 more .*\n[^]*pids\.max/],
    ] as const
  ) {
    const { text } = await examine({ limits: () => Promise.resolve({ ...limits, ...left }) });
    assertMatch(text, says);
  }
});

Deno.test("without cgroups, and with few descriptors, there are notes and no fault", async () => {
  const { code, text } = await examine({
    cgroup: () => ({ kind: "none", why: "no cgroup2 is to be seen here" }),
    connections: () => ({ connections: 500, lack: "Only 500 clients are served at once." }),
  });
  assertEquals(code, 0);
  assertMatch(text, /^note +cgroups +Engines get none: no cgroup2/m);
  assertMatch(text, /^note +descriptors +Only 500/m);
});

Deno.test("a port that can't be had and a socket that is another's are wrong", async () => {
  const { code, text } = await examine({
    port: () => Promise.resolve({ kind: "unusable", why: "a port that only root may take" }),
    socket: (path) => Promise.resolve(path.endsWith("e.sock") ? "foreign" : "missing"),
  });
  assertEquals(code, 1);
  assertMatch(text, /^wrong +port +127\.0\.0\.1:7411 can't be listened on: a port that only root/m);
  assertMatch(text, /^wrong +sockets +\/run\/ada\/e\.sock, for the engine builtin, is taken/m);
  assertStringIncludes(text, "2 things are wrong.");
});

Deno.test("of the running supervisor it tells what waits, and engines that have failed", async () => {
  const error = { code: "start_timeout", title: "Socket startup timeout", remedy: "Look there." };
  const { code, text, cli } = await examine({
    socket: () => Promise.resolve("answered"),
    lockHolder: () => Promise.resolve({ pid: 7 }),
    port: () => Promise.resolve({ kind: "held", pid: 7, program: "ai-engine" }),
  }, {
    answer: ({ target }) => {
      assertEquals(target, "/api/doctor");
      const json = {
        version: "1.2.3",
        clockMovedMs: -3_600_000,
        later: ["listen", "tls"],
        engines: [
          { name: "a", kind: "command", state: "failed", error },
          { name: "b", kind: "command", state: "ready", error },
        ],
      };
      return { status: 200, text: "", json };
    },
  });
  assertEquals([code, cli.open], [1, 0]);
  assertMatch(text, /^ok +port +127\.0\.0\.1:7411 is the supervisor's$/m);
  assertMatch(text, /^note +clock +Since the supervisor began, the clock was set 1 h back/m);
  assertMatch(text, /^note +config +.* next start: listen, tls\.$/m);
  assertMatch(text, /^wrong +engine a +It is failed: Socket startup timeout \(start_timeout\)\.$/m);
  assertMatch(text, /^ok +engine b +command, ready$/m);
});

Deno.test("where nobody reads it any more, it ends quietly", async () => {
  const { code, cli } = await examine({}, { readsOfStdout: 0 });
  assertEquals([code, cli.stderr.text], [0, ""]);
});
