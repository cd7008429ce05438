import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { systemLogFiles } from "../../src/platform/mod.ts";

const files = systemLogFiles;
const bytes = (text: string) => new TextEncoder().encode(text);

async function inDir(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "aie-" });
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("open() makes file and folders for their user alone, and writes at the end", () =>
  inDir(async (dir) => {
    const path = join(dir, "a", "b", "c.log");
    for (const [line, size] of [["one\n", 0], ["two\n", 4]] as const) {
      const file = await files.open(path);
      assertEquals(file.size, size);
      assertEquals(await file.write(bytes(line)), 4);
      await file.close();
    }
    assertEquals(await Deno.readTextFile(path), "one\ntwo\n");
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    assertEquals((await Deno.stat(join(dir, "a"))).mode! & 0o777, 0o700);
  }));

Deno.test("open() ends a last line that was cut", () =>
  inDir(async (dir) => {
    const path = join(dir, "a.log");
    await Deno.writeTextFile(path, "one\ntw");
    const file = await files.open(path);
    assertEquals(file.size, 7);
    await file.write(bytes("three\n"));
    await file.close();
    assertEquals(await Deno.readTextFile(path), "one\ntw\nthree\n");
  }));

Deno.test("open() takes no folder, no link and no pipe, which nobody might read", () =>
  inDir(async (dir) => {
    await Deno.mkdir(join(dir, "folder"));
    await Deno.writeTextFile(join(dir, "file"), "");
    await Deno.symlink(join(dir, "file"), join(dir, "link"));
    await new Deno.Command("mkfifo", { args: [join(dir, "pipe")] }).output();
    for (const name of ["folder", "link", "pipe"]) {
      await assertRejects(() => files.open(join(dir, name)), Error, "is not a regular file");
    }
  }));

Deno.test("size(), rename() and remove() don't mind what is not there", () =>
  inDir(async (dir) => {
    const [from, to] = [join(dir, "from"), join(dir, "to")];
    assertEquals(await files.size(from), null);
    await files.rename(from, to);
    await files.remove(from);
    await Deno.writeTextFile(from, "12345");
    assertEquals(await files.size(from), 5);
    await files.rename(from, to);
    assertEquals([await files.size(from), await files.size(to)], [null, 5]);
    await files.remove(to);
    assertEquals(await files.size(to), null);
  }));
