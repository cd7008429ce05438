/** GGUF files: named by `--model`, or put into the models folder; good ones and bad ones. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { eventually, type RunningProgram } from "../support/program.ts";
import { failToServe, pythonDir, tempDir, viewOf, withProgram } from "./support/harness.ts";

/** In place of the Python engine, see there. */
const STAND_IN = fromFileUrl(new URL("../support/engines/gguf", import.meta.url));

const GOOD = "GGUF and so on";

interface World {
  readonly program: RunningProgram;
  readonly dir: string;
  /** The models folder, which need not be there. */
  readonly models: string;
}

/** Runs the program with a models folder of its own, made by `prepare` if at all. */
async function withModels(
  { args = [], prepare = () => Promise.resolve() }: {
    readonly args?: readonly string[];
    readonly prepare?: (paths: { dir: string; models: string }) => Promise<unknown>;
  },
  body: (world: World) => Promise<void>,
): Promise<void> {
  await using own = await tempDir();
  const dir = own.path;
  const models = join(dir, "data", "ai-engine", "models");
  await prepare({ dir, models });
  const env = { XDG_DATA_HOME: join(dir, "data") };
  const all = ["--python-dir", STAND_IN, ...args.map((arg) => arg.replace("DIR", dir))];
  await withProgram({ args: all, env }, (program) => body({ program, dir, models }));
}

function ask({ program }: World, model: string) {
  const body = { model, messages: [] };
  return program.json("/v1/chat/completions", { method: "POST", body });
}

async function modelsOf({ program }: World): Promise<readonly string[]> {
  const { data } = (await program.json("/v1/models")).body;
  return data.map(({ id }: { id: string }) => id).sort();
}

async function fill(models: string, ...names: readonly string[]): Promise<void> {
  await Deno.mkdir(models, { recursive: true });
  for (const name of names) await Deno.writeTextFile(join(models, name), GOOD);
}

const BOX = "all-MiniLM-L6-v2";

Deno.test("--model: each file has a process of its own, and is found by its name", () =>
  withModels({
    args: ["--model", "DIR/Tiny.Q8_0.gguf", "--model", "DIR/other.gguf"],
    prepare: ({ dir }) => fill(dir, "Tiny.Q8_0.gguf", "other.gguf"),
  }, async (world) => {
    assertEquals(await modelsOf(world), [BOX, "Tiny.Q8_0", "other"].sort());
    for (const [name, engine] of [["Tiny.Q8_0", "tiny.q8_0"], ["other", "other"]] as const) {
      const { status, body } = await ask(world, name.toLowerCase());
      assertEquals([status, body.name], [200, name]);
      assertEquals(body.path, join(world.dir, `${name}.gguf`));
      assertEquals((await viewOf(world.program, engine)).state, "ready");
    }
    assertEquals((await viewOf(world.program, "python")).state, "stopped");
    assertMatch(world.program.stdout, /engine .*, tiny\.q8_0 \(\S+\/Tiny\.Q8_0\.gguf\), other/);
  }));

Deno.test("--model with a file that is not there: exit 6, and nothing is downloaded", async () => {
  const { code, stderr } = await failToServe(
    ...["--python-dir", STAND_IN, "--model", "/nowhere/x.gguf"],
  );
  assertEquals(code, 6);
  assertStringIncludes(stderr, "--model names the model /nowhere/x.gguf, which is not there.");
});

Deno.test("what is in the models folder is offered, with no word about it", () =>
  withModels({
    prepare: ({ models }) =>
      fill(models, "a.gguf", "mmproj-a.gguf", "b-00001-of-00002.gguf", "b-00002-of-00002.gguf"),
  }, async (world) => {
    assertEquals(await modelsOf(world), ["a", BOX, "b-00001-of-00002"]);
    assertEquals((await ask(world, "a")).body.path, join(world.models, "a.gguf"));
  }));

Deno.test("a models folder that is made later is noticed, and what comes and goes there", () =>
  withModels({}, async (world) => {
    const { models } = world;
    const offers = (...names: readonly string[]) =>
      eventually(
        `${names} are offered`,
        async () => `${await modelsOf(world)}` === `${[...names, BOX].sort()}`,
      );
    assertEquals(await modelsOf(world), [BOX]);
    await fill(models, "a.gguf");
    await offers("a");
    assertEquals((await ask(world, "a")).status, 200);
    const { pid } = await viewOf(world.program, "a");
    await fill(models, "c.gguf.part");
    await Deno.rename(join(models, "c.gguf.part"), join(models, "c.gguf"));
    await offers("a", "c");
    assertEquals((await viewOf(world.program, "a")).pid, pid);
    await Deno.remove(join(models, "a.gguf"));
    await offers("c");
    assertEquals((await ask(world, "a")).status, 404);
    assertEquals((await world.program.json("/api/engines/a")).status, 404);
    await Deno.remove(models, { recursive: true });
    await offers();
    await fill(models, "d.gguf");
    await offers("d");
    assertEquals((await ask(world, "d")).status, 200);
    assertMatch(world.program.stderr, /models folder: added a\n/);
    const { status, body } = await world.program.json("/api/config/reload", { method: "POST" });
    assertEquals([status, body.removed, body.unchanged], [200, [], ["python", "d"]]);
    assertEquals(await modelsOf(world), [BOX, "d"]);
  }));

Deno.test("a model that is configured or named twice is offered once, and that is told", () =>
  withModels({
    args: ["--model", "DIR/data/ai-engine/models/a.gguf"],
    prepare: ({ models }) => fill(models, "a.gguf", "A.gguf", "b c.gguf", "b-c.gguf"),
  }, async (world) => {
    assertEquals(await modelsOf(world), ["a", BOX, "b c", "b-c"]);
    await world.program.printed(/A\.gguf is not offered: The model "A" is served by two engines/);
    assertEquals((await ask(world, "b-c")).body.name, "b-c");
    assertEquals((await ask(world, "b c")).body.name, "b c");
  }));

Deno.test("files that are refused, or that abort the engine, fail alone: with file and reason", () =>
  withModels({
    prepare: async ({ models }) => {
      await fill(models, "good.gguf");
      await Deno.writeTextFile(join(models, "garbage.gguf"), "nothing of the kind");
      await Deno.writeTextFile(join(models, "abort.gguf"), "ABORT");
    },
  }, async (world) => {
    const { program, models } = world;
    assertEquals((await ask(world, "good")).status, 200);
    const { pid } = await viewOf(program, "good");
    for (
      const [name, why] of [
        ["garbage", `cannot load ${join(models, "garbage.gguf")}: its magic is not GGUF`],
        ["abort", "GGML_ASSERT(n_ctx > 0) failed"],
      ] as const
    ) {
      const { status, body } = await ask(world, name);
      assertEquals(status, 502);
      assertStringIncludes(body.error.message, join(models, `${name}.gguf`));
      assertStringIncludes(body.error.message, why);
      const { state, lastError } = await viewOf(program, name);
      assertEquals([state, lastError.code], ["failed", "crashed"]);
      assertEquals(lastError.lastLines.at(-1), why);
    }
    assertEquals((await ask(world, "good")).status, 200);
    assertEquals((await viewOf(program, "good")).pid, pid);
    await fill(models, "garbage.gguf");
    const { status } = await program.json("/api/engines/garbage/start", { method: "POST" });
    assertEquals([status, (await ask(world, "garbage")).status], [200, 200]);
  }));

const tiny = join(pythonDir ?? "", ".venv", "bin", "python");

Deno.test({
  name: "llama.cpp: a tiny llama answers, garbage beside it fails, with the reason",
  ignore: pythonDir === null,
  async fn() {
    await using dir = await tempDir();
    const models = join(dir.path, "ai-engine", "models");
    await fill(models, "garbage.gguf");
    const { code, stderr } = await new Deno.Command(tiny, {
      args: ["-m", "tools.tiny_gguf", "llama", join(models, "tiny.gguf")],
      cwd: pythonDir ?? ".",
      env: { PYTHONPATH: pythonDir ?? "." },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const args = ["--python-dir", pythonDir ?? ""];
    await withProgram({ args, env: { XDG_DATA_HOME: dir.path } }, async (program) => {
      const chat = (model: string) =>
        program.json("/v1/chat/completions", {
          method: "POST",
          body: { model, max_tokens: 4, messages: [{ role: "user", content: "the a of" }] },
        });
      const { status, body } = await chat("tiny");
      assertEquals(status, 200, JSON.stringify(body));
      assertEquals([body.object, body.model], ["chat.completion", "tiny"]);
      const failed = await chat("garbage");
      assertEquals(failed.status, 502);
      assertStringIncludes(failed.body.error.message, join(models, "garbage.gguf"));
      assertEquals((await viewOf(program, "garbage")).state, "failed");
      assertEquals((await chat("tiny")).status, 200);
    });
  },
});
