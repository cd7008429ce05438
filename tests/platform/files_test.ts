import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemFiles } from "../../src/platform/mod.ts";
import { startPython } from "./support/python.ts";
import { withTempDir } from "./support/temp_dir.ts";
import { until } from "./support/until.ts";

const LEAVE_SOCKET = "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1]); print(1)";

Deno.test("info() tells what stands at a path, and does not follow links", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "x", { mode: 0o640 });
    await Deno.mkdir(`${dir}/directory`, { mode: 0o700 });
    await Deno.symlink(`${dir}/file`, `${dir}/link`);
    await Deno.symlink(`${dir}/nothing`, `${dir}/dangling`);
    const python = startPython(LEAVE_SOCKET, [`${dir}/socket`]);
    await python.line();
    await python.end();
    await new Deno.Command("mkfifo", { args: [`${dir}/pipe`] }).output();
    const kinds = await Promise.all(
      ["file", "directory", "link", "dangling", "socket", "pipe"]
        .map(async (name) => (await systemFiles.info(`${dir}/${name}`))?.kind),
    );
    assertEquals(kinds, ["file", "directory", "symlink", "symlink", "socket", "other"]);
    assertEquals((await systemFiles.info("/dev/null"))?.kind, "other");
    const file = await systemFiles.info(`${dir}/file`);
    assertEquals([file?.uid, file?.mode], [Deno.uid(), 0o640]);
  }));

Deno.test("info() and remove() find nothing at a missing path and below a file", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "x");
    for (const path of [`${dir}/none`, `${dir}/none/below`, `${dir}/file/below`]) {
      assertEquals(await systemFiles.info(path), null);
      await systemFiles.remove(path);
    }
  }));

Deno.test("remove() takes a link and leaves what it names", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "x");
    await Deno.symlink(`${dir}/file`, `${dir}/link`);
    await systemFiles.remove(`${dir}/link`);
    assertEquals(await systemFiles.info(`${dir}/link`), null);
    assertEquals(await Deno.readTextFile(`${dir}/file`), "x");
  }));

Deno.test("remove() does not empty a directory, and says so", () =>
  withTempDir(async (dir) => {
    await Deno.mkdir(`${dir}/full/x`, { recursive: true });
    await assertRejects(() => systemFiles.remove(`${dir}/full`));
    assert(await systemFiles.info(`${dir}/full/x`) !== null);
  }));

Deno.test("setMode() sets the permission bits, all of them", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "x", { mode: 0o777 });
    await systemFiles.setMode(`${dir}/file`, 0o600);
    assertEquals((await systemFiles.info(`${dir}/file`))?.mode, 0o600);
  }));

Deno.test("onChange() tells of what is made in a folder, until it is ended; null where there is none", () =>
  withTempDir(async (dir) => {
    let isTold = false;
    const end = systemFiles.onChange?.(dir, () => isTold = true);
    assert(typeof end === "function");
    using listener = Deno.listen({ transport: "unix", path: `${dir}/s` });
    await until("it is told", () => isTold);
    end();
    assertEquals(listener.addr.path, `${dir}/s`);
    assertEquals(systemFiles.onChange?.(`${dir}/none`, () => {}), null);
  }));
