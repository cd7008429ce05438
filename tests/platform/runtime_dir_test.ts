import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConfigError } from "../../src/core/mod.ts";
import { checkSocketDir, openRuntimeDir } from "../../src/platform/mod.ts";
import { NO_OVERRIDE } from "../support/no_override.ts";
import { withTempDir } from "./support/temp_dir.ts";

const isRoot = Deno.uid() === 0;

async function modeOf(path: string): Promise<number> {
  return ((await Deno.lstat(path)).mode ?? 0) & 0o7777;
}

async function namesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name);
}

async function assertNoRuntimeDir(base: string, why: string): Promise<void> {
  const error = await assertRejects(() => openRuntimeDir({ XDG_RUNTIME_DIR: base }), ConfigError);
  assertEquals(error.code, "config_invalid");
  assertStringIncludes(error.message, `${base}/ai-engine ${why}`);
  assertStringIncludes(error.remedy, "XDG_RUNTIME_DIR");
}

Deno.test("openRuntimeDir() makes a directory for its user alone, and leaves nothing in it", () =>
  withTempDir(async (dir) => {
    const umask = Deno.umask(0);
    try {
      const path = await openRuntimeDir({ XDG_RUNTIME_DIR: dir });
      assertEquals(path, `${dir}/ai-engine`);
      assertEquals(await modeOf(path), 0o700);
      assertEquals(await namesIn(path), []);
    } finally {
      Deno.umask(umask);
    }
  }));

Deno.test("openRuntimeDir() takes the one that is there, with what is in it", () =>
  withTempDir(async (dir) => {
    await Deno.mkdir(`${dir}/ai-engine`, { mode: 0o700 });
    await Deno.writeTextFile(`${dir}/ai-engine/x`, "x");
    const path = await openRuntimeDir({ XDG_RUNTIME_DIR: dir });
    assertEquals(await namesIn(path), ["x"]);
  }));

for (const mode of [0o755, 0o777, 0o770, 0o1777, 0o701]) {
  Deno.test(`openRuntimeDir() closes one of mode ${mode.toString(8)} to everybody else`, () =>
    withTempDir(async (dir) => {
      await Deno.mkdir(`${dir}/ai-engine`);
      await Deno.chmod(`${dir}/ai-engine`, mode);
      assertEquals(await modeOf(await openRuntimeDir({ XDG_RUNTIME_DIR: dir })), 0o700);
    }));
}

Deno.test("openRuntimeDir() refuses a symbolic link, and leaves what it names as it is", () =>
  withTempDir(async (dir) => {
    await Deno.mkdir(`${dir}/target`, { mode: 0o755 });
    await Deno.symlink(`${dir}/target`, `${dir}/ai-engine`);
    await assertNoRuntimeDir(dir, "is a symbolic link");
    assertEquals(await modeOf(`${dir}/target`), 0o755);
    assertEquals(await namesIn(`${dir}/target`), []);
  }));

Deno.test("openRuntimeDir() refuses a file, and a place where none can be made", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/ai-engine`, "x");
    await assertNoRuntimeDir(dir, "is not a directory");
    await assertNoRuntimeDir(`${dir}/ai-engine`, "can't be made");
    await assertNoRuntimeDir(`${dir}/none`, "can't be made");
    await assertNoRuntimeDir("/proc", "can't be made");
  }));

Deno.test({
  name: "openRuntimeDir() refuses another user's directory, and leaves its mode",
  ignore: !isRoot,
  fn: () =>
    withTempDir(async (dir) => {
      await Deno.mkdir(`${dir}/ai-engine`, { mode: 0o755 });
      await Deno.chown(`${dir}/ai-engine`, 12_345, 12_345);
      await assertNoRuntimeDir(dir, "belongs to another user");
      assertEquals(await modeOf(`${dir}/ai-engine`), 0o755);
    }),
});

Deno.test("openRuntimeDir() refuses a directory that it can't write to", () =>
  withTempDir(async (dir) => {
    await Deno.mkdir(`${dir}/ai-engine`);
    await Deno.chmod(`${dir}/ai-engine`, 0o500);
    const script = new URL("./support/open_runtime_dir.ts", import.meta.url).pathname;
    const [program = "", ...args] = [
      ...NO_OVERRIDE,
      ...[Deno.execPath(), "run", "--quiet", "-A", script, dir],
    ];
    const { stdout } = await new Deno.Command(program, { args, stderr: "inherit" }).output();
    const said = new TextDecoder().decode(stdout);
    assertStringIncludes(
      said,
      `config_invalid: The runtime directory ${dir}/ai-engine is not writ`,
    );
    assertStringIncludes(said, "XDG_RUNTIME_DIR");
    assertEquals(await modeOf(`${dir}/ai-engine`), 0o500);
  }));

async function assertNoSocketDir(path: string, why: string): Promise<void> {
  const error = await assertRejects(() => checkSocketDir(path, "--engine-socket"), ConfigError);
  assertEquals(error.code, "config_invalid");
  assertStringIncludes(error.message, "--engine-socket");
  assertStringIncludes(error.message, why);
  assertStringIncludes(error.remedy, "--engine-socket");
}

Deno.test("checkSocketDir() takes a directory of ours and a sticky one of root's", () =>
  withTempDir(async (dir) => {
    await checkSocketDir(`${dir}/s`, "--engine-socket");
    assertEquals(await namesIn(dir), []);
    await checkSocketDir("/tmp/ai-engine.sock", "--engine-socket");
  }));

Deno.test("checkSocketDir() takes a sticky directory of ours that everybody may write to", () =>
  withTempDir(async (dir) => {
    await Deno.chmod(dir, 0o1777);
    await checkSocketDir(`${dir}/s`, "--engine-socket");
  }));

Deno.test("checkSocketDir() refuses one in which everybody could replace the socket", () =>
  withTempDir(async (dir) => {
    await Deno.chmod(dir, 0o777);
    await assertNoSocketDir(`${dir}/s`, "can be written to by everybody");
  }));

Deno.test("checkSocketDir() refuses what is missing, a link, a file and what is not writable", () =>
  withTempDir(async (dir) => {
    await Deno.mkdir(`${dir}/real`);
    await Deno.symlink(`${dir}/real`, `${dir}/link`);
    await Deno.writeTextFile(`${dir}/file`, "x");
    await assertNoSocketDir(`${dir}/none/s`, "does not exist");
    await assertNoSocketDir(`${dir}/link/s`, "is a symbolic link");
    await assertNoSocketDir(`${dir}/file/s`, "is not a directory");
    await assertNoSocketDir(`${dir}/file/below/s`, "can't be looked into");
    await assertNoSocketDir("/proc/s", isRoot ? "is not writable" : "belongs to another user");
  }));

Deno.test({
  name: "checkSocketDir() refuses another user's directory, even a sticky one",
  ignore: !isRoot,
  fn: () =>
    withTempDir(async (dir) => {
      await Deno.mkdir(`${dir}/theirs`);
      for (const mode of [0o700, 0o1777]) {
        await Deno.chmod(`${dir}/theirs`, mode);
        await Deno.chown(`${dir}/theirs`, 12_345, 12_345);
        await assertNoSocketDir(`${dir}/theirs/s`, "belongs to another user");
      }
    }),
});
