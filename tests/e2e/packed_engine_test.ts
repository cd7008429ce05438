import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { basename, dirname, join } from "@std/path";
import { eventually, processesWith, type RunningProgram } from "../support/program.ts";
import { isPacked, tempDir, viewOf, withProgram } from "./support/harness.ts";

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Runs `body` with a PATH on which there is all that this machine has, but no Python. */
async function withoutPython(body: (env: Record<string, string>) => Promise<void>): Promise<void> {
  await using dir = await tempDir();
  const path = join(dir.path, "bin");
  await Deno.mkdir(path);
  for (const from of ["/usr/local/bin", "/usr/bin", "/bin"]) {
    for (const { name } of Deno.readDirSync(from)) {
      if (/python|^pip|^pyenv/.test(name) || await isThere(join(path, name))) continue;
      await Deno.symlink(join(from, name), join(path, name)).catch(() => {
        // A link that leads nowhere is there already.
      });
    }
  }
  await body({ PATH: path, XDG_DATA_HOME: join(dir.path, "data") });
}

/** The command that the program prints, as a shell runs it. */
async function runFirstTry(program: RunningProgram, env: Record<string, string>) {
  const command = /^ {2}try +(.+)$/m.exec(program.stdout)?.[1] ?? "false";
  const shell = new Deno.Command("sh", { args: ["-c", command], env, stderr: "null" });
  const { code, stdout } = await shell.output();
  assertEquals(code, 0, program.stdout);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test({
  name: "on a machine without Python the command that is printed gives an embedding",
  ignore: !isPacked,
  async fn(t) {
    await withoutPython(async (env) => {
      await t.step("at the first start, which unpacks", async () => {
        await withProgram({ env }, async (program) => {
          const { data: [{ embedding }] } = await runFirstTry(program, env);
          assertEquals(embedding.length, 384);
          assertMatch(program.stderr, /unpacked the engine to \S+ in \d+ ms/);
          assertEquals((await viewOf(program, "python")).kind, "python");
        });
      });
      await t.step("at later starts, which do not", async () => {
        await withProgram({ env }, async (program) => {
          const { data: [{ embedding }] } = await runFirstTry(program, env);
          assertEquals(embedding.length, 384);
          assertNotMatch(program.stderr, /unpack|mended/);
        });
      });
      await t.step("after a byte was changed, which is mended", async () => {
        const model = await findFile(env.XDG_DATA_HOME ?? "", /\.gguf$/);
        {
          using file = await Deno.open(model, { write: true });
          await file.write(new TextEncoder().encode("X"));
        }
        await withProgram({ env }, async (program) => {
          const { data: [{ embedding }] } = await runFirstTry(program, env);
          assertEquals(embedding.length, 384);
          assertMatch(program.stderr, /Engine mended: .*all-MiniLM-L6-v2\.gguf/);
        });
      });
    });
  },
});

Deno.test({
  name: "a kill -9 of the engine with its model in memory leaves no process and no file",
  ignore: !isPacked,
  async fn() {
    await withoutPython(async (env) => {
      const mark = crypto.randomUUID();
      await withProgram({ env: { ...env, E2E_MARK: mark } }, async (program) => {
        await runFirstTry(program, env);
        const { pid, socket } = await viewOf(program, "python");
        const ofEngine = () => processesWith(`E2E_MARK=${mark}`, "AI_ENGINE_RUN=");
        assertEquals((await ofEngine()).length, 2, "the engine and its model");
        Deno.kill(pid, "SIGKILL");
        await eventually(
          "its end is known",
          async () => (await viewOf(program, "python")).pid === null,
        );
        assertEquals(await ofEngine(), []);
        const left = Array.from(Deno.readDirSync(dirname(socket)), ({ name }) => name)
          .filter((name) => name.startsWith(basename(socket)));
        assertEquals(left, []);
        const { data: [{ embedding }] } = await runFirstTry(program, env);
        assertEquals(embedding.length, 384);
      });
    });
  },
});

Deno.test({
  name: "--engine python needs no folder",
  ignore: !isPacked,
  async fn() {
    await withoutPython(async (env) => {
      await withProgram({ args: ["--engine", "python"], env }, async (program) => {
        const { status } = await program.json("/api/engines/python/start", { method: "POST" });
        assertEquals(status, 200, program.stderr);
      });
    });
  },
});

Deno.test({
  name: "where it can't be unpacked the built-in engine runs, and says why",
  ignore: !isPacked,
  async fn() {
    await withoutPython(async (env) => {
      // A C library from before all others.
      const old = join(env.PATH ?? "", "getconf");
      await Deno.remove(old);
      await Deno.writeTextFile(old, "#!/bin/sh\necho glibc 2.1\n", { mode: 0o755 });
      await withProgram({ env }, async (program) => {
        const { status, body } = await program.json("/api/engines/python/input", {
          body: { input: "hello" },
        });
        assertEquals([status, body.message], [200, "You said: hello"], program.stderr);
        assertEquals((await viewOf(program, "python")).kind, "builtin");
        assertMatch(
          program.stderr,
          /Built-in engine: .*it needs glibc 2\.\d+ or later, and here is/,
        );
      });
    });
  },
});

async function findFile(dir: string, name: RegExp): Promise<string> {
  for await (const entry of Deno.readDir(dir)) {
    const path = join(dir, entry.name);
    if (entry.isFile && name.test(entry.name)) return path;
    const found = entry.isDirectory ? await findFile(path, name).catch(() => "") : "";
    if (found !== "") return found;
  }
  assert(false, `no ${name} in ${dir}`);
}
