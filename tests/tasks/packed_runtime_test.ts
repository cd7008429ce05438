import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { glibcFloor, listFiles } from "../../tasks/support/packed_files.ts";
import { holds, writePackedRuntime } from "../../tasks/support/packed_runtime.ts";
import { SIDECAR } from "../../tasks/support/sidecar.ts";
import { withTempDir } from "../platform/support/temp_dir.ts";

/** A folder that stands for a packed engine. */
async function writeSidecar(dir: string): Promise<string> {
  const sidecar = join(dir, "sidecar");
  await Deno.mkdir(join(sidecar, "_internal"), { recursive: true });
  await Deno.writeTextFile(join(sidecar, "engine"), "\x7fELF GLIBC_2.17 GLIBC_2.4", {
    mode: 0o755,
  });
  await Deno.writeTextFile(join(sidecar, "_internal", "text"), "GLIBC_2.99", { mode: 0o644 });
  return sidecar;
}

Deno.test("the files of a packed engine are listed in one order, for their user alone", async () => {
  await withTempDir(async (dir) => {
    const sidecar = await writeSidecar(dir);
    const files = await listFiles(sidecar);
    assertEquals(files.map(({ path, size, mode }) => [path, size, mode]), [
      ["_internal/text", 10, 0o600],
      ["engine", 25, 0o700],
    ]);
    assertEquals(await glibcFloor(sidecar, files), [2, 17], "text is no program");
    await Deno.symlink("engine", join(sidecar, "link"));
    await assertRejects(() => listFiles(sidecar), TypeError, "neither a file nor a folder");
  });
});

Deno.test("the engine lies behind the runtime, and a build finds out when it does not", async () => {
  await withTempDir(async (dir) => {
    const [denort, output] = [join(dir, "denort"), join(dir, "output")];
    await Deno.writeTextFile(denort, "r".repeat(5_000));
    const sidecar = await writeSidecar(dir);
    const packed = await writePackedRuntime({ denort, sidecar, output });
    assertEquals([packed.program, packed.offset], [SIDECAR, 8_192]);
    const text = await Deno.readTextFile(output);
    assertEquals(text.slice(0, 5_000), "r".repeat(5_000));
    assertEquals(text.slice(8_192), "GLIBC_2.99\x7fELF GLIBC_2.17 GLIBC_2.4");
    assertEquals(await holds(output, packed), true);
    await Deno.writeTextFile(output, text.replace("2.99", "2.98"));
    assertEquals(await holds(output, packed), false);
    await Deno.truncate(output, 8_200);
    assertEquals(await holds(output, packed), false);
  });
});
