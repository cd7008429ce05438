/** Files that can't be used, with all that is real: they hurt who reads them, never a supervisor. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { runProgram } from "../support/program.ts";
import { isRoot, tempDir } from "./support/harness.ts";

/** What `serve` and `config check` say of the file that `make` leaves at a path; both exit with 6. */
async function refusalsOf(make: (path: string) => Promise<void>): Promise<readonly string[]> {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine.yaml");
  await make(path);
  const told: string[] = [];
  for (const args of [["serve", "--config", path], ["config", "check", path]]) {
    const { code, stdout, stderr } = await runProgram(args, { runtimeDir: dir.path });
    assertEquals([code, stdout], [6, ""], stderr);
    assertEquals(stderr.startsWith("error: Configuration invalid\n"), true, stderr);
    told.push(stderr);
  }
  return told;
}

Deno.test("a folder, a pipe and no file are refused as the configuration file", async () => {
  for (const stderr of await refusalsOf((path) => Deno.mkdir(path))) {
    assertStringIncludes(stderr, "is a folder");
  }
  const pipe = async (path: string) => {
    await new Deno.Command("mkfifo", { args: [path] }).output();
  };
  for (const stderr of await refusalsOf(pipe)) assertStringIncludes(stderr, "not a regular file");
  for (const stderr of await refusalsOf(() => Promise.resolve())) {
    assertStringIncludes(stderr, "there is no file");
  }
});

Deno.test({
  name: "a file that this user may not read is refused as the configuration file",
  ignore: isRoot,
  fn: async () => {
    const make = (path: string) => Deno.writeTextFile(path, "listen: 127.0.0.1:0", { mode: 0 });
    for (const stderr of await refusalsOf(make)) assertStringIncludes(stderr, "can't be read");
  },
});

Deno.test("10 MB, an anchors bomb and endless brackets end with an error, not with the supervisor", async () => {
  const bomb = Array.from("bcdefghi", (name, i) => {
    const of = `*${"abcdefghi"[i]}`;
    return `${name}: &${name} [${Array.from({ length: 9 }, () => of)}]\n`;
  });
  const files = [
    ["x".repeat(10_000_000), "larger than 512 KiB"],
    [`a: &a [lol]\n${bomb.join("")}`, "aliases counted"],
    ["[".repeat(200_000), "This is not YAML"],
  ] as const;
  for (const [text, expected] of files) {
    const told = await refusalsOf((path) => Deno.writeTextFile(path, text));
    for (const stderr of told) {
      assertStringIncludes(stderr, expected);
      assert(stderr.split("\n").length < 170, `${stderr.split("\n").length} lines`);
    }
  }
});
