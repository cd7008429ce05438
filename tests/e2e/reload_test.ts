/** A configuration that changes while the program runs, on real engines and real sockets. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { eventually } from "../support/program.ts";
import { EventStream } from "./support/event_stream.ts";
import { openGate, SCRIPTED_PATH, sendInput, viewOf, works } from "./support/harness.ts";
import { type ReloadWorld, variant, withReloads } from "./support/reloaded.ts";

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

/** Sends inputs of `engine` at a steady rate until `during` is over; gives the statuses that came. */
async function underLoad(
  { program }: ReloadWorld,
  during: () => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number>();
  const asked: Promise<void>[] = [];
  const ask = async () => {
    const key = await program.json("/upstream/e/input", { body: { input: "x" } })
      .then(({ status, body }) => `${status} ${body?.message ?? body?.code}`, String);
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

reloadTest(
  "20 reloads under 200 requests a second with answers open: none fails, none is cut",
  one(0),
  async (world) => {
    const { program } = world;
    await program.json("/api/engines/e/start", { method: "POST" });
    const open = Array.from(
      { length: STREAMS },
      (_, i) => sendInput(program, `wait gate${i}`, "e"),
    );
    await eventually("open answers", async () => (await viewOf(program, "e")).inflight >= STREAMS);
    const pids = new Set<number>();
    const seen = await underLoad(world, async () => {
      for (let i = 1; i <= RELOADS; i++) {
        const { status, body } = await world.reload(one(i));
        assertEquals([status, body.replaced], [200, ["e"]]);
        await eventually("the new process", async () => {
          const { instances, pid } = await viewOf(program, "e");
          const isNew = !pids.has(pid) &&
            (instances ?? []).every(({ state }: { state: string }) => state !== "starting");
          if (isNew) pids.add(pid);
          return isNew;
        });
      }
    });
    assertEquals([...seen.keys()], ["200 You said: x"], JSON.stringify([...seen]));
    for (let i = 0; i < STREAMS; i++) await openGate(program, `gate${i}`);
    const answers = await Promise.all(open);
    assertEquals(answers.map(({ status, body }) => [status, body.message]), [
      ...answers.map(() => [200, "waited"]),
    ]);
  },
);

reloadTest("a bad file changes nothing, and all its errors are told", one(0), async (world) => {
  const { program, path } = world;
  const bad = "lisen: 1\nengines:\n  e: {command: /not/there, idleTimeout: soon}\n";
  const seen = await underLoad(world, async () => {
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
