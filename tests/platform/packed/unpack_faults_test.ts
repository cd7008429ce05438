import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { checkGlibc, proveProgram } from "../../../src/platform/packed/fitness.ts";
import { CannotRun, UnpackedEngine } from "../../../src/platform/packed/unpacked_engine.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { unpackingOf, writeTinyEngine } from "../support/tiny_engine.ts";

const SCRIPT = fromFileUrl(new URL("../support/unpack_tiny.ts", import.meta.url));

/** Whether a user here may mount a file system of his own. */
const canMount = await new Deno.Command("unshare", {
  args: ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

/** Has another process unpack to `first`, mounted with `options`, else to `second`; what it printed. */
async function unpackOn(
  options: string,
  { dir, first, second }: { readonly dir: string; readonly first: string; readonly second: string },
): Promise<string> {
  await Deno.mkdir(first);
  const shell = `mount -t tmpfs -o ${options},mode=700 tmpfs "$1" && shift && exec "$@"`;
  const deno = [Deno.execPath(), "run", "--quiet", "-A", SCRIPT, dir, first, second];
  const { stdout } = await new Deno.Command("unshare", {
    args: ["-rm", "sh", "-c", shell, "sh", first, ...deno],
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

for (
  const [what, options] of [
    ["full", "size=16k"],
    ["read-only", "ro"],
    ["one from which nothing may be run", "noexec"],
  ] as const
) {
  Deno.test({
    name: `where the disk is ${what} another place is taken`,
    ignore: !canMount,
    async fn() {
      await withTempDir(async (dir) => {
        const [first, second] = [join(dir, "first"), join(dir, "second")];
        const lines = (await unpackOn(options, { dir, first, second })).split("\n");
        const { packed } = await writeTinyEngine(dir);
        assertEquals(lines.at(-1), join(second, packed.sha256, "engine"));
      });
    },
  });
}

Deno.test("what a kill left in the middle is removed, and the next one unpacks", async () => {
  await withTempDir(async (dir) => {
    const place = join(dir, "place");
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", SCRIPT, dir, place],
      env: { AI_ENGINE_TEST_HALT: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    for (let said = ""; said.split("unpacking").length < 3;) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`It ended after: ${said}`);
      said += value;
    }
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
    const names = () => Array.from(Deno.readDirSync(place), ({ name }) => name);
    assertEquals(names().some((name) => name.startsWith(".unfinished-")), true);
    using _ = await UnpackedEngine.open(
      unpackingOf(await writeTinyEngine(dir), [place]).options,
    );
    assertEquals(names().some((name) => name.startsWith(".unfinished-")), false);
  });
});

Deno.test("a machine with an older glibc is none for it", async () => {
  await checkGlibc([2, 0]);
  const error = await assertRejects(() => checkGlibc([2, 9_999]), CannotRun);
  assertStringIncludes(error.message, "it needs glibc 2.9999 or later");
});

Deno.test("a program that does not start gives its last word as the reason", async () => {
  await withTempDir(async (dir) => {
    const program = join(dir, "engine");
    const script = "#!/bin/sh\necho first >&2\necho 'GLIBC_2.99 not found' >&2\nexit 1\n";
    await Deno.writeTextFile(program, script, { mode: 0o700 });
    const error = await assertRejects(() => proveProgram(program), CannotRun);
    assertEquals(error.message, "GLIBC_2.99 not found");
    await Deno.chmod(program, 0o600);
    await assertRejects(() => proveProgram(program), TypeError, "noexec");
  });
});
