import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { ConfigError } from "../../src/core/mod.ts";
import { readRegularFile } from "../../src/platform/mod.ts";

const isRoot = Deno.uid() === 0;

async function withDir(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "aie-" });
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function read(path: string, maxBytes = 10) {
  return readRegularFile(path, { what: "The file", maxBytes });
}

Deno.test("a regular file is read up to a number of bytes, and a link to one", () =>
  withDir(async (dir) => {
    const path = join(dir, "a");
    await Deno.writeTextFile(path, "abcdef");
    await Deno.symlink(path, join(dir, "link"));
    assertEquals((await read(path, 3))?.length, 3);
    assertEquals((await read(join(dir, "link")))?.length, 6);
  }));

Deno.test("nothing there is null", () =>
  withDir(async (dir) => {
    await Deno.writeTextFile(join(dir, "file"), "");
    assertEquals(await read(join(dir, "none")), null);
    assertEquals(await read(join(dir, "file", "below")), null);
  }));

Deno.test("a folder, and a pipe that nobody writes to, are refused at once", () =>
  withDir(async (dir) => {
    await assertRejects(() => read(dir), ConfigError, `The file ${dir} is a folder.`);
    const pipe = join(dir, "pipe");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await assertRejects(() => read(pipe), ConfigError, "is not a regular file");
  }));

Deno.test({
  name: "a file that this user may not read is refused",
  ignore: isRoot,
  fn: () =>
    withDir(async (dir) => {
      const path = join(dir, "a");
      await Deno.writeTextFile(path, "x", { mode: 0o000 });
      await assertRejects(() => read(path), ConfigError, "can't be read by this user");
    }),
});

Deno.test({
  name: "a file that the system does not read is refused with its words",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await assertRejects(() => read("/proc/self/mem"), ConfigError, "/proc/self/mem can't be read");
  },
});
