import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { ConfigError } from "../../src/core/mod.ts";
import { readPrivateFile } from "../../src/platform/mod.ts";
import { withTempDir } from "./support/temp_dir.ts";

const isRoot = Deno.uid() === 0;

function read(path: string, maxBytes = 100): Promise<string> {
  return readPrivateFile(path, { setting: "--token-file", maxBytes });
}

/** What is said of a file that is refused. */
async function refusal(path: string, maxBytes?: number): Promise<string> {
  const error = await assertRejects(() => read(path, maxBytes), ConfigError);
  assertEquals(error.code, "config_invalid");
  assertEquals(error.message.startsWith(`--token-file is ${path}, which `), true, error.message);
  return `${error.message} ${error.remedy}`;
}

async function write(path: string, text: string | Uint8Array, mode = 0o600): Promise<void> {
  await Deno.writeFile(path, typeof text === "string" ? new TextEncoder().encode(text) : text);
  await Deno.chmod(path, mode);
}

Deno.test("readPrivateFile() reads what only its owner can read", () =>
  withTempDir(async (dir) => {
    const path = join(dir, "secret");
    for (const mode of isRoot ? [0o600, 0o400, 0o000] : [0o600, 0o400]) {
      await write(path, "\ufeffä\n", mode);
      assertEquals(await read(path), "ä\n");
      await Deno.remove(path);
    }
  }));

Deno.test("readPrivateFile() refuses what others may read or write, and says how to mend it", () =>
  withTempDir(async (dir) => {
    const path = join(dir, "secret");
    for (const mode of [0o644, 0o640, 0o604, 0o620, 0o602, 0o700, 0o610, 0o4600]) {
      await write(path, "x", mode);
      const octal = mode.toString(8).padStart(4, "0");
      assertMatch(await refusal(path), new RegExp(`has mode ${octal}, .* chmod 600 `));
    }
  }));

Deno.test("readPrivateFile() refuses what is no file", () =>
  withTempDir(async (dir) => {
    assertMatch(await refusal(dir), /is not a regular file/);
    assertMatch(await refusal(join(dir, "none")), /is not there/);
    await write(join(dir, "file"), "x");
    assertMatch(await refusal(join(dir, "file", "x")), /can't be read|is not there/);
    await new Deno.Command("mkfifo", { args: [join(dir, "pipe")] }).output();
    assertMatch(await refusal(join(dir, "pipe")), /is not a regular file/);
    assertMatch(await refusal("/dev/null"), /is not a regular file/);
  }));

Deno.test("readPrivateFile() refuses what is too large, and what is no text", () =>
  withTempDir(async (dir) => {
    const path = join(dir, "secret");
    await write(path, "x".repeat(100));
    assertEquals((await read(path)).length, 100);
    assertMatch(await refusal(path, 99), /is larger than 99 bytes/);
    await write(path, Uint8Array.of(0x61, 0xff));
    assertMatch(await refusal(path), /is not text in UTF-8/);
  }));

Deno.test("readPrivateFile() follows a link of ours to a file of ours", () =>
  withTempDir(async (dir) => {
    await write(join(dir, "secret"), "x");
    await Deno.symlink("secret", join(dir, "link"));
    assertEquals(await read(join(dir, "link")), "x");
    await Deno.symlink("nowhere", join(dir, "broken"));
    assertMatch(await refusal(join(dir, "broken")), /is not there/);
  }));

Deno.test({
  name: "readPrivateFile() refuses links and files of other users (as root)",
  ignore: !isRoot,
  fn: () =>
    withTempDir(async (dir) => {
      const secret = join(dir, "secret");
      await write(secret, "x");
      await Deno.symlink("secret", join(dir, "link"));
      const { success } = await new Deno.Command("chown", {
        args: ["-h", "65534", join(dir, "link")],
      }).output();
      assertEquals(success, true);
      assertMatch(await refusal(join(dir, "link")), /is a link of another user's/);
      await Deno.chown(secret, 65534, null);
      assertMatch(await refusal(secret), /belongs to another user/);
      await Deno.symlink("secret", join(dir, "ours"));
      assertMatch(await refusal(join(dir, "ours")), /belongs to another user/);
    }),
});
