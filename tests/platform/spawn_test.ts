/** What can't be started, and what a started process gets along. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SpawnError } from "../../src/core/mod.ts";
import { systemProcesses } from "../../src/platform/mod.ts";
import { withTempDir } from "./support/temp_dir.ts";
import { newRunId, withPython, withShell } from "./support/trees.ts";

/** The head of an ELF executable for `machine`; the rest would not matter. */
function elfFor(machine: number): Uint8Array {
  const head = new Uint8Array(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head[16] = 2;
  head[18] = machine;
  head[20] = 1;
  return head;
}

const FOREIGN_MACHINE = Deno.build.arch === "x86_64" ? 183 : 62;

function assertNotSpawned(program: string, options: { cwd?: string } = {}): SpawnError {
  const processes = systemProcesses({ umask: 0o022 });
  const umask = Deno.umask();
  const error = assertThrows(
    () => processes.spawn({ argv: [program], env: {}, runId: newRunId(), ...options }),
    SpawnError,
  );
  assertEquals(error.code, "spawn_failed");
  assertStringIncludes(error.message, program);
  assert(error.remedy.length > 0);
  assertEquals(Deno.umask(), umask);
  return error;
}

Deno.test("a program that is missing can't be started, by path, by name, or below a file", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "#!/bin/sh\n", { mode: 0o755 });
    for (const program of [`${dir}/none`, "no-such-program-anywhere", `${dir}/file/below`, ""]) {
      assertStringIncludes(assertNotSpawned(program).message, "is not there");
    }
  }));

Deno.test("a program that is not executable can't be started; the remedy is chmod", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "#!/bin/sh\n", { mode: 0o644 });
    const error = assertNotSpawned(`${dir}/file`);
    assertStringIncludes(error.message, "is not executable");
    assertStringIncludes(error.remedy, "chmod +x");
  }));

Deno.test("a directory can't be started", () =>
  withTempDir((dir) => {
    assertStringIncludes(assertNotSpawned(dir).message, "is a directory");
    return Promise.resolve();
  }));

Deno.test({
  name: "a program for another architecture can't be started, and no shell reads it",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withTempDir(async (dir) => {
      await Deno.writeFile(`${dir}/elf`, elfFor(FOREIGN_MACHINE), { mode: 0o755 });
      const error = assertNotSpawned(`${dir}/elf`);
      assertStringIncludes(error.message, "another architecture");
      assertStringIncludes(error.message, Deno.build.arch);
      await Deno.symlink(`${dir}/elf`, `${dir}/link`);
      assertStringIncludes(assertNotSpawned(`${dir}/link`).message, "another architecture");
    }),
});

Deno.test({
  name: "a script without #!, an empty file and noise can't be started; the remedy says how",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withTempDir(async (dir) => {
      const contents = ["echo hello\n", "", "\n#!/bin/sh\n", "\x7fEL", "\x7fELF"];
      for (const [i, content] of contents.entries()) {
        await Deno.writeTextFile(`${dir}/${i}`, content, { mode: 0o755 });
        const error = assertNotSpawned(`${dir}/${i}`);
        assertStringIncludes(error.remedy, "#!");
      }
    }),
});

Deno.test("a script whose interpreter is missing can't be started", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/script`, "#!/no/such/interpreter\n", { mode: 0o755 });
    assertStringIncludes(assertNotSpawned(`${dir}/script`).message, "interpreter");
  }));

Deno.test("a working directory that is missing is named as the cause", () =>
  withTempDir((dir) => {
    const error = assertNotSpawned("/bin/true", { cwd: `${dir}/none` });
    assertStringIncludes(error.message, "directory that is not there");
    return Promise.resolve();
  }));

Deno.test("a pipe in the place of a program does not hold anybody up", () =>
  withTempDir(async (dir) => {
    await new Deno.Command("mkfifo", { args: ["-m", "755", `${dir}/pipe`] }).output();
    assertNotSpawned(`${dir}/pipe`);
  }));

Deno.test("a relative program is looked for in the working directory it gets", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/script`, "echo hello\n", { mode: 0o755 });
    assertStringIncludes(assertNotSpawned("./script", { cwd: dir }).remedy, "#!");
  }));

Deno.test("a process leads its own session and group", () =>
  withPython(
    "import os; print(os.getpid(), os.getpgrp(), os.getsid(0))",
    async ({ tree, line }) => {
      assertEquals(await line(0), `${tree.pid} ${tree.pid} ${tree.pid}`);
    },
  ));

Deno.test("a process gets our environment, what is added, and its run id", () => {
  Deno.env.set("AI_ENGINE_TEST_INHERITED", "ours");
  const runId = newRunId();
  const script = 'echo "$AI_ENGINE_TEST_INHERITED $AI_ENGINE_TEST_ADDED $AI_ENGINE_RUN"';
  return withShell(script, async ({ line }) => {
    assertEquals(await line(0), `ours added ${runId}`);
    Deno.env.delete("AI_ENGINE_TEST_INHERITED");
  }, { runId, env: { AI_ENGINE_TEST_ADDED: "added" } });
});

Deno.test("a process runs in the directory it was given", () =>
  withTempDir((dir) =>
    withShell("pwd -P", async ({ line }) => {
      assertEquals(await line(0), await Deno.realPath(dir));
    }, { cwd: dir })
  ));

for (const umask of [0o000, 0o027]) {
  Deno.test(`a process gets umask ${umask.toString(8)} while ours stays`, async () => {
    const before = Deno.umask(0o077);
    try {
      await withShell("umask", async ({ line }) => {
        assertEquals(parseInt(await line(0), 8), umask);
        assertEquals(Deno.umask(), 0o077);
      }, { umask });
    } finally {
      Deno.umask(before);
    }
  });
}

Deno.test("a process inherits no descriptor but its three", () =>
  withTempDir(async (dir) => {
    using _file = await Deno.open(`${dir}/file`, { create: true, write: true });
    using _listener = Deno.listen({ transport: "unix", path: `${dir}/s` });
    await withPython(
      "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:4])",
      async ({ line }) => {
        // The fourth is the listing's own.
        assertEquals(await line(0), "[0, 1, 2, 3]");
      },
    );
  }));
