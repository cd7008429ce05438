import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { RequestedSettings } from "../../src/config/mod.ts";
import { ConfigError, ConnectError, LifecycleError } from "../../src/core/mod.ts";
import {
  type Answering,
  engineView,
  FakeCli,
  jsonAnswer,
  problemAnswer,
  readyView,
  supervisorOf,
} from "./support/fake_cli.ts";

const unreachable: Answering = () => {
  throw new ConnectError("unreachable", "before_send", {
    detail: "No supervisor listens on /run/c.sock.",
    remedy: "Start it with `ai-engine serve`.",
  });
};

Deno.test("version says what this is, as text and as JSON", async () => {
  for (const argv of [["version"], ["--version"], ["-V"], ["status", "-V"]]) {
    const cli = new FakeCli();
    assertEquals(await cli.run(...argv), 0);
    assertEquals(cli.stdout.text, "ai-engine 1.2.3 (deno 2.9.6, x86_64-linux)\n");
  }
  const cli = new FakeCli();
  assertEquals(await cli.run("version", "--json"), 0);
  assertEquals(
    cli.stdout.text,
    '{"version":"1.2.3","deno":"2.9.6","arch":"x86_64","os":"linux"}\n',
  );
});

Deno.test("no command and serve run the supervisor with the settings, and give its exit code", async () => {
  for (const argv of [[], ["serve"]]) {
    const seen: RequestedSettings[] = [];
    const cli = new FakeCli({
      env: { AI_ENGINE_LISTEN: "[::1]:1", AI_ENGINE_ENGINE: "builtin" },
      serve: (requested) => {
        seen.push(requested);
        return Promise.resolve(11);
      },
    });
    assertEquals(await cli.run(...argv, "--listen", "localhost:0", "--idle-timeout", "-1"), 11);
    const listen = [{ kind: "tcp", hostname: "localhost", port: 0 }];
    const parts = seen.map(({ listen, engines: [{ program, settings }] }) => ({
      ...{ listen, program, settings },
    }));
    assertEquals<unknown>(parts, [
      { listen, program: { kind: "builtin" }, settings: { idleTimeoutMs: -1 } },
    ]);
    assertEquals([cli.stdout.text, cli.stderr.text, cli.controls], ["", "", []]);
  }
});

Deno.test("serve is given every --listen, and an address that is there twice exits with 2", async () => {
  const seen: unknown[] = [];
  const serve = (requested: RequestedSettings) => {
    seen.push(...requested.listen);
    return Promise.resolve(0);
  };
  const cli = new FakeCli({ serve });
  await cli.run("serve", "--listen", "[::1]:1", "--listen=unix:a.sock");
  assertEquals(seen, [{ kind: "tcp", hostname: "::1", port: 1 }, {
    kind: "unix",
    path: "/home/ada/a.sock",
  }]);
  assertEquals(await cli.run("--listen", "[::1]:1", "--listen", "[::1]:1"), 2);
  assertEquals(
    cli.stderr.text,
    'error: Usage error\ncause: --listen names "[::1]:1" twice.\ntry: Name each address once.\n',
  );
});

Deno.test("what serve can't do has the exit code of its error", async () => {
  const words = { detail: "D.", remedy: "R." };
  const cases: readonly [Error, number, string][] = [
    [new ConfigError("config_invalid", words), 6, "Configuration invalid"],
    [new ConfigError("binary_missing", words), 6, "Engine program not found"],
    [new ConfigError("port_in_use", words), 9, "Address in use"],
    [new ConfigError("already_running", words), 10, "Already running"],
    [new LifecycleError("unclean_close", words), 11, "Not everything was closed"],
  ];
  for (const [error, exit, title] of cases) {
    const cli = new FakeCli({ serve: () => Promise.reject(error) });
    assertEquals(await cli.run("serve"), exit);
    assertEquals(cli.stderr.text, `error: ${title}\ncause: D.\ntry: R.\n`);
    const json = new FakeCli({ serve: () => Promise.reject(error) });
    assertEquals(await json.run("serve", "--json"), exit);
    assertEquals(JSON.parse(json.stderr.text).title, title);
  }
});

Deno.test("an error nobody foresaw is told, and exits with 1", async () => {
  const cli = new FakeCli({ serve: () => Promise.reject(new RangeError("boom")) });
  assertEquals(await cli.run(), 1);
  assertMatch(cli.stderr.text, /^error: Internal error\ncause: .*RangeError: boom\.\ntry: /);
});

Deno.test("a setting that can't be used exits with 6 before anything is begun", async () => {
  for (const value of ["", "garbage", "1.2.3.4:70000", "a\0:1", "9".repeat(10_000)]) {
    const cli = new FakeCli();
    assertEquals(await cli.run("--listen", value), 6);
    assertStringIncludes(cli.stderr.text, "error: Configuration invalid\ncause: --listen is ");
    assertEquals(cli.stdout.text, "");
  }
  const cli = new FakeCli();
  assertEquals(await cli.run("status", "--control", "x".repeat(200)), 6);
  assertEquals(cli.controls, []);
});

Deno.test("a usage error exits with 2, as three lines or as one object", async () => {
  const text = new FakeCli();
  assertEquals(await text.run("strat"), 2);
  assertEquals(
    text.stderr.text,
    'error: Usage error\ncause: There is no command "strat".\ntry: ai-engine start\n',
  );
  const json = new FakeCli();
  assertEquals(await json.run("--json", "strat"), 2);
  assertEquals(JSON.parse(json.stderr.text), {
    type: "urn:ai-engine:error:usage",
    title: "Usage error",
    status: null,
    detail: 'There is no command "strat".',
    remedy: "ai-engine start",
    code: "usage",
    engine: null,
    source: "client",
  });
  const afterDashes = new FakeCli();
  assertEquals(await afterDashes.run("strat", "--", "--json"), 2);
  assertStringIncludes(afterDashes.stderr.text, "error: ");
});

Deno.test("every command that needs the supervisor exits with 4 when there is none", async () => {
  const commands = [
    ...["start", "stop", "restart", "ps", "status", "send hi", "shutdown", "logs", "logs -f"],
    ...["events", "events -f", "requests", "requests cancel x", "metrics", "ui", "config reload"],
  ];
  for (const command of commands) {
    const cli = new FakeCli({ answer: unreachable });
    assertEquals(await cli.run(...command.split(" ")), 4, command);
    assertEquals(
      cli.stderr.text,
      "error: Supervisor not reachable\ncause: No supervisor listens on /run/c.sock.\n" +
        "try: Start it with `ai-engine serve`.\n",
    );
    assertEquals([cli.stdout.text, cli.open], ["", 0]);
  }
});

Deno.test("the control socket comes from --control, else from the environment", async () => {
  const options = {
    answer: supervisorOf([readyView()]),
    env: { AI_ENGINE_CONTROL: "/run/env.sock", AI_ENGINE_LISTEN: "not read here" },
  };
  const cli = new FakeCli(options);
  await cli.run("status");
  await cli.run("status", "--control", "flag.sock");
  assertEquals(cli.controls, ["/run/env.sock", "/home/ada/flag.sock"]);
  const plain = new FakeCli({ answer: supervisorOf([readyView()]) });
  await plain.run("status");
  assertEquals(plain.controls, [null]);
});

Deno.test("what answers and is not AI Engine is not reachable", async () => {
  const answers = [
    jsonAnswer({}),
    jsonAnswer([]),
    jsonAnswer({ engines: [{ name: "x" }] }),
    { status: 200, text: "<html>", json: undefined },
  ];
  for (const answer of answers) {
    const cli = new FakeCli({ answer: () => answer });
    assertEquals(await cli.run("status"), 4);
    assertStringIncludes(cli.stderr.text, "does not speak as AI Engine does");
  }
  const cli = new FakeCli({ answer: supervisorOf([engineView()], () => jsonAnswer({})) });
  assertEquals(await cli.run("start"), 4);
});

Deno.test("the list of engines can be refused", async () => {
  const problem = { code: "shutting_down", title: "Shutting down", detail: "D.", remedy: "R." };
  const cli = new FakeCli({ answer: () => problemAnswer(503, problem) });
  assertEquals(await cli.run("status"), 1);
  assertEquals(cli.stderr.text, "error: Shutting down\ncause: D.\ntry: R.\n");
});

const GOES_ON: Readonly<Record<string, string>> = {
  "send hi": "interrupted: the request is taken back, the engine goes on\n",
  status: "",
};

Deno.test("Ctrl-C ends a command with 130, SIGTERM with 143, and says that work goes on", async () => {
  const never: Answering = (_request, { signal }) =>
    new Promise((_resolve, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true })
    );
  const signals = [["SIGINT", 130], ["SIGTERM", 143]] as const;
  for (const [osSignal, exit] of signals) {
    for (const command of ["start", "stop python", "send hi", "status"]) {
      const answer = command === "status" ? never : supervisorOf([engineView()], never);
      for (const more of [[], ["--json"]]) {
        const cli = new FakeCli({ answer, terminal: 80 });
        const ended = cli.run(...command.split(" "), ...more);
        await cli.clock.advance(10);
        cli.interrupt(osSignal);
        assertEquals(await ended, exit, command);
        assertEquals(cli.stdout.text, "");
        assertEquals(
          cli.stderr.text,
          more.length > 0
            ? ""
            : GOES_ON[command] ?? "interrupted: what was begun in the engine goes on\n",
        );
        assertEquals([cli.open, cli.clock.timers], [0, 0]);
      }
    }
  }
});

Deno.test("shutdown waits until nothing listens any more", async () => {
  let looks = 0;
  const answer: Answering = (request, options) => {
    if (request.method === "POST") return jsonAnswer({ status: "closing" }, 202);
    if (++looks === 1) return jsonAnswer({ status: "ok" });
    if (looks === 2) {
      throw new ConnectError("unreachable", "after_send", { detail: "Cut.", remedy: "R." });
    }
    return unreachable(request, options);
  };
  for (
    const [argv, target, printed] of [
      [["shutdown"], "/api/shutdown", "the supervisor is closed\n"],
      [["shutdown", "--force", "--json"], "/api/shutdown?force=true", '{"status":"closed"}\n'],
    ] as const
  ) {
    looks = 0;
    const cli = new FakeCli({ answer });
    const exit = cli.run(...argv);
    await cli.clock.advance(1_000);
    assertEquals(await exit, 0);
    assertEquals(cli.asked, [`POST ${target}`, "GET /health", "GET /health", "GET /health"]);
    assertEquals([cli.stdout.text, cli.stderr.text], [printed, ""]);
  }
});

Deno.test("shutdown of a supervisor that does not go away exits with 11", async () => {
  const answer: Answering = () => jsonAnswer({ status: "ok" }, 202);
  const cli = new FakeCli({ answer });
  const exit = cli.run("shutdown");
  await cli.clock.advance(31_000);
  assertEquals(await exit, 11);
  assertStringIncludes(cli.stderr.text, "try: ai-engine shutdown --force\n");
  assertEquals(cli.clock.timers, 0);
});

Deno.test("Ctrl-C while shutdown waits ends the wait", async () => {
  const cli = new FakeCli({ answer: () => jsonAnswer({ status: "ok" }, 202) });
  const exit = cli.run("shutdown");
  await cli.clock.advance(200);
  cli.interrupt("SIGINT");
  assertEquals(await exit, 130);
  assertEquals(cli.clock.timers, 0);
});

Deno.test("a shutdown that is refused says why", async () => {
  const problem = { code: "not_found", title: "Not found", detail: "D.", remedy: "R." };
  const cli = new FakeCli({ answer: () => problemAnswer(404, problem) });
  assertEquals(await cli.run("shutdown"), 5);
});

Deno.test("a reader of stdout that is gone ends a command quietly, with its own exit code", async () => {
  const cli = new FakeCli({ answer: supervisorOf([engineView()]), readsOfStdout: 0 });
  assertEquals(await cli.run("status"), 3);
  assertEquals([cli.stdout.text, cli.stderr.text], ["", ""]);
});
