/** A configuration that changes while the program runs, on real engines and real sockets. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { eventually, type RunningProgram } from "../support/program.ts";
import { EventStream } from "./support/event_stream.ts";
import { openGate, SCRIPTED_PATH, sendInput, viewOf, works } from "./support/harness.ts";
import { type ReloadWorld, variant, withReloads } from "./support/reloaded.ts";
import { SPEAKS_OPENAI } from "./support/v1.ts";

const RELOADS = 20;
const REQUESTS_PER_S = 200;
const STREAMS = 4;

const ignore = !works("setsid", "--version");

function reloadTest(
  name: string,
  text: string,
  body: (world: ReloadWorld) => Promise<void>,
): void {
  Deno.test({ name, ignore, fn: () => withReloads(text, body) });
}

const one = (argument: string | number, more = "") =>
  `engines:\n  e: {${variant(argument)}, drain: {timeout: 1m}${more}}\n`;

/** Sends inputs of the engine `e` at a steady rate until `during` is over; gives what came. */
function inputsUnderLoad(
  { program }: ReloadWorld,
  during: () => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const ask = () =>
    program.json("/upstream/e/input", { body: { input: "x" } })
      .then(({ status, body }) => `${status} ${body?.message ?? body?.code}`);
  return underLoad([ask], during);
}

/** Asks one of `ways` after the other at a steady rate until `during` is over; gives what came. */
async function underLoad(
  ways: readonly (() => Promise<string>)[],
  during: () => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number>();
  const asked: Promise<void>[] = [];
  const ask = async () => {
    const way = ways[asked.length % ways.length] ?? (() => Promise.resolve("no way"));
    const key = await way().catch(String);
    seen.set(key, (seen.get(key) ?? 0) + 1);
  };
  const timer = setInterval(() => asked.push(ask()), 1_000 / REQUESTS_PER_S);
  try {
    await during();
  } finally {
    clearInterval(timer);
    await Promise.all(asked);
  }
  return seen;
}

const speaking = (argument: number) =>
  `engines:\n  e: {command: ["${SPEAKS_OPENAI}", "${argument}"], drain: {timeout: 5m}}\n`;

reloadTest(
  "20 reloads under 200 requests a second with streams open: none fails, no stream is cut",
  speaking(0),
  async (world) => {
    const { program } = world;
    await program.json("/api/engines/e/start", { method: "POST" });
    const streams: CountedStream[] = [];
    const open = async () => void streams.push(await openCount(program, streams.length));
    for (let i = 0; i < STREAMS; i++) await open();
    const pids = new Set([(await viewOf(program, "e")).pid]);
    const ways = ["/v1", "/upstream/e/v1"].map((base) => () => sayHello(program, base));
    const seen = await underLoad(ways, async () => {
      for (let i = 1; i <= RELOADS; i++) {
        const { status, body } = await world.reload(speaking(i));
        assertEquals([status, body.replaced], [200, ["e"]]);
        await eventually("the new process", async () => {
          const { pid, state } = await viewOf(program, "e");
          const isNew = state === "ready" && !pids.has(pid);
          if (isNew) pids.add(pid);
          return isNew;
        });
        // Each process has one of its own, which outlives it in its place.
        await open();
        const counts = streams.map(({ count }) => count);
        await eventually("more of all streams", () => {
          return Promise.resolve(streams.every(({ count }, at) => count > (counts[at] ?? 0)));
        });
      }
    });
    assertEquals([pids.size, streams.length], [RELOADS + 1, RELOADS + STREAMS]);
    assertEquals([...seen.keys()], ["200 You said: x"], JSON.stringify([...seen]));
    await openGate(program, "GATE");
    const ends = await Promise.all(streams.map(({ end }) => end));
    assertEquals(ends, streams.map(() => "[DONE]"));
  },
);

interface CountedStream {
  /** So many pieces have come, none of them missing or twice. */
  readonly count: number;
  /** Its last words, or what went wrong. */
  readonly end: Promise<string>;
}

/** A stream that the engine sends piece by piece, by either way to it in turn; its head has come. */
async function openCount(program: RunningProgram, turn: number): Promise<CountedStream> {
  const base = turn % 2 === 0 ? "/v1" : "/upstream/e/v1";
  const body = { model: "e", stream: true, messages: [{ role: "user", content: "count" }] };
  const answer = await program.fetch(`${base}/chat/completions`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  assertEquals(answer.status, 200);
  let count = 0;
  const read = async () => {
    let [last, rest] = ["nothing", ""];
    for await (
      const text of (answer.body ?? new Blob().stream()).pipeThrough(new TextDecoderStream())
    ) {
      const events = (rest + text).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        last = event.slice("data: ".length);
        const content = last === "[DONE]" ? undefined : JSON.parse(last).choices[0].delta.content;
        if (content !== undefined) assertEquals(content, `${count++} `);
      }
    }
    return last + rest;
  };
  const end = read().catch(String);
  return {
    get count() {
      return count;
    },
    end,
  };
}

async function sayHello(program: RunningProgram, base: string): Promise<string> {
  const messages = [{ role: "user", content: "x" }];
  const { status, body } = await program.json(`${base}/chat/completions`, {
    body: { model: "e", messages },
  });
  return `${status} ${body?.choices?.[0]?.message.content ?? JSON.stringify(body)}`;
}

reloadTest("a bad file changes nothing, and all its errors are told", one(0), async (world) => {
  const { program, path } = world;
  const bad = "lisen: 1\nengines:\n  e: {command: /not/there, idleTimeout: soon}\n";
  const seen = await inputsUnderLoad(world, async () => {
    const { pid } = (await program.json("/api/engines/e/start", { method: "POST" })).body;
    const { status, body } = await world.reload(bad);
    assertEquals([status, body.code, body.path], [422, "config_invalid", path]);
    assertEquals(body.faults.map(({ line }: { line: number }) => line), [1, 3]);
    const { code, stderr } = await program.run(["config", "reload"]);
    assertEquals(code, 6, stderr);
    assertStringIncludes(stderr, `${path}:1:1: The file has "lisen"`);
    assertStringIncludes(stderr, `${path}:3:`);
    const missing = await world.reload("engines:\n  e: {command: /not/there}\n");
    assertEquals([missing.status, missing.body.faults.length], [422, 1]);
    await Deno.remove(path);
    assertEquals((await program.run(["config", "reload"])).code, 6);
    assertEquals((await viewOf(program, "e")).pid, pid);
  });
  assertEquals([...seen.keys()], ["200 You said: x"], JSON.stringify([...seen]));
});

reloadTest(
  "config reload tells what has changed, and what takes effect later",
  one(0),
  async (world) => {
    const { program, path } = world;
    await world.write(`listen: 127.0.0.1:0\nlogs: {level: debug, dir: /tmp}\n${one(0, ", slots: 2")}
  new: {kind: builtin}\n`);
    const { code, stdout } = await program.run(["config", "reload", "--json"]);
    assertEquals(code, 0);
    assertEquals(JSON.parse(stdout), {
      path,
      added: ["new"],
      removed: [],
      changed: ["e"],
      replaced: [],
      unchanged: [],
      settings: ["logs.level"],
      later: ["logs.dir"],
    });
    assertEquals((await sendInput(program, "hello", "new")).status, 200);
    const { body } = await program.json("/api/config");
    assertEquals(body.later, ["logs.dir"]);
    const row = body.settings.find(({ setting }: { setting: string }) =>
      setting === "engines.e.slots"
    );
    assertEquals([row.value, row.from], [2, { kind: "file", path, line: 4 }]);
  },
);

reloadTest(
  "SIGHUP without a terminal reloads; of a file with errors a notice tells",
  one(0),
  async (world) => {
    const { program } = world;
    await using events = await EventStream.open(program);
    await world.write("engines: {}\n");
    program.signal("SIGHUP");
    const { detail } = await events.next("notice");
    assertStringIncludes(detail, "Nothing has changed");
    await world.write(one(0, ", idleTimeout: 7s"));
    program.signal("SIGHUP");
    await eventually(
      "other settings",
      async () => (await viewOf(program, "e")).idleTimeoutMs === 7_000,
    );
  },
);

reloadTest(
  "reload.watch: a file that is replaced is gone by, one with errors is told",
  `reload: {watch: true}\n${one(0)}`,
  async (world) => {
    const { program } = world;
    await using events = await EventStream.open(program);
    await world.write("engines: {}\n");
    assertStringIncludes((await events.next("notice")).detail, "Nothing has changed");
    await world.write(one(0, ", idleTimeout: 7s"));
    await eventually(
      "other settings",
      async () => (await viewOf(program, "e")).idleTimeoutMs === 7_000,
    );
    // That it is not watched any more was said by the file itself.
    const { body } = await program.json("/api/config");
    const row = body.settings.find(({ setting }: { setting: string }) =>
      setting === "reload.watch"
    );
    assertEquals(row.value, false);
  },
);

reloadTest(
  "watched code that changes: another process takes the place, with answers open",
  one(0, ", watch: [code/**/*.py]"),
  async (world) => {
    const { program, dir } = world;
    const open = sendInput(program, "wait gate", "e");
    await eventually("an open answer", async () => (await viewOf(program, "e")).inflight === 1);
    const pid = async () => (await sendInput(program, "pid", "e")).body.message;
    const before = await pid();
    // A folder that was not there.
    await Deno.mkdir(join(dir, "code", "deep"), { recursive: true });
    await Deno.writeTextFile(join(dir, "code", "deep", "a.py"), "1");
    await eventually("another process", async () => await pid() !== before);
    const second = await pid();
    await world.reload(one(0, ", watch: [code/**/*.py], slots: 9"));
    assertEquals(await pid(), second);
    await Deno.writeTextFile(join(dir, "code", "deep", "a.py"), "22");
    await eventually("a third process", async () => await pid() !== second);
    await openGate(program, "gate");
    assertEquals((await open).body.message, "waited");
  },
);

reloadTest(
  "an engine that is taken out while it answers ends its answer; put back it starts anew",
  `${one(0)}  other: {kind: builtin}\n`,
  async (world) => {
    const { program } = world;
    const open = sendInput(program, "wait gate", "e");
    await eventually("an open answer", async () => (await viewOf(program, "e")).inflight === 1);
    const { pid } = await viewOf(program, "e");
    const removed = await world.reload("engines: {other: {kind: builtin}}\n");
    assertEquals([removed.body.removed, removed.body.unchanged], [["e"], ["other"]]);
    assertEquals((await sendInput(program, "hello", "e")).body.code, "unknown_engine");
    await world.reload(`${one(0)}  other: {kind: builtin}\n`);
    assertEquals((await sendInput(program, "hello", "e")).status, 200);
    assertEquals((await viewOf(program, "e")).pid === pid, false);
    await openGate(program, "gate");
    assertEquals((await open).body.message, "waited");
  },
);

reloadTest("a model moves from one engine to another", models("a", "b"), async (world) => {
  const { program } = world;
  const engineOf = async (model: string) => {
    const { body } = await program.json("/v1/models");
    return body.data.find(({ id }: { id: string }) => id === model)?.engine;
  };
  const ask = (model: string) => program.json("/v1/input", { body: { input: "pid", model } });
  assertEquals([await engineOf("m"), await engineOf("n")], ["a", "b"]);
  await ask("m");
  assertEquals((await viewOf(program, "b")).state, "stopped");
  assertEquals((await world.reload(models("b", "a"))).body.changed, ["a", "b"]);
  assertEquals([await engineOf("m"), await engineOf("n")], ["b", "a"]);
  await ask("m");
  assertEquals((await viewOf(program, "b")).state, "ready");
});

function models(ofM: string, ofN: string): string {
  const engine = (name: string, model: string) =>
    `  ${name}: {command: "${SCRIPTED_PATH}", models: [${model}]}\n`;
  const lines = [engine(ofM, "m"), engine(ofN, "n")].sort();
  return `engines:\n${lines.join("")}`;
}
