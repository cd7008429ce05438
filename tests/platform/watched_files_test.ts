/** Files that are watched, on a real file system. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { WatchedFiles } from "../../src/platform/watched_files.ts";
import { within } from "../support/program.ts";

class Watch implements AsyncDisposable {
  readonly dir: string;
  readonly troubles: string[] = [];
  #changes = 0;
  #seen = 0;
  #wake = () => {};
  #files: WatchedFiles | undefined;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async open(
    patterns: readonly string[],
    make: (dir: string) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Watch> {
    const watch = new Watch(await Deno.makeTempDir({ prefix: "aie-" }));
    await make(watch.dir);
    watch.#files = await WatchedFiles.open({
      patterns: patterns.map((pattern) => join(watch.dir, pattern)),
      onChange() {
        watch.#changes++;
        watch.#wake();
      },
      onTrouble: (why) => watch.troubles.push(why),
    });
    return watch;
  }

  /** Waits for a change, and that there was one only. */
  async changed(what: string): Promise<void> {
    const wait = async () => {
      while (this.#changes === this.#seen) await new Promise<void>((done) => this.#wake = done);
    };
    await within(wait(), () => `No change was told: ${what}`);
    this.#seen++;
    assertEquals(this.#changes, this.#seen, what);
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(join(this.dir, name), text);
  }

  rename(from: string, to: string): Promise<void> {
    return Deno.rename(join(this.dir, from), join(this.dir, to));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#files?.close();
    await Deno.remove(this.dir, { recursive: true });
    assertEquals([this.#changes, this.troubles], [this.#seen, []], "more was told than expected");
  }
}

const inDir = (dir: string, name: string, text: string) =>
  Deno.writeTextFile(join(dir, name), text);

Deno.test("a file that is written anew, or replaced by one written beside it, is told once each", async () => {
  await using watch = await Watch.open(["a.yaml"], (dir) => inDir(dir, "a.yaml", "1"));
  await watch.write("a.yaml", "22");
  await watch.changed("written");
  await watch.write(".a.yaml.swp", "333");
  await watch.rename(".a.yaml.swp", "a.yaml");
  await watch.changed("replaced");
  await Deno.remove(join(watch.dir, "a.yaml"));
  await watch.changed("removed");
  await watch.write("a.yaml", "1");
  await watch.changed("made again");
});

Deno.test("what else happens in the folder is not told", async () => {
  await using watch = await Watch.open(["*.py"], (dir) => inDir(dir, "a.py", "1"));
  await watch.write("other.log", "1");
  await Deno.readTextFile(join(watch.dir, "a.py"));
  await Deno.chmod(join(watch.dir, "a.py"), 0o600);
  await Deno.mkdir(join(watch.dir, "c.d"));
  await watch.write("a.py", "22");
  await watch.changed("the one that counts");
});

Deno.test("patterns go down folders, into new ones and ones that came late, not into caches", async () => {
  await using watch = await Watch.open(["engine/**/*.{py,toml}"]);
  await Deno.mkdir(join(watch.dir, "engine/deep/deeper"), { recursive: true });
  await watch.write("engine/deep/deeper/a.py", "1");
  await watch.changed("a place that was not there");
  await watch.write("engine/deep/deeper/a.py", "22");
  await watch.changed("a file in a folder that was not there");
  for (const cache of [".git", "__pycache__", "node_modules"]) {
    await Deno.mkdir(join(watch.dir, "engine", cache));
    await watch.write(`engine/${cache}/b.py`, "1");
  }
  await watch.write("engine/setup.toml", "1");
  await watch.changed("a file right below");
});

Deno.test("a folder that is replaced by another of its name is watched on", async () => {
  await using watch = await Watch.open(["engine/**/*.py"], async (dir) => {
    for (const name of ["engine/in", "next/in"]) {
      await Deno.mkdir(join(dir, name), { recursive: true });
    }
    await inDir(dir, "engine/in/a.py", "1");
    await inDir(dir, "next/in/a.py", "22");
  });
  await watch.rename("engine", "old");
  await watch.rename("next", "engine");
  await watch.changed("another folder");
  await watch.write("engine/in/a.py", "333");
  await watch.changed("in the new one");
});

Deno.test("a file behind a link is watched where it is, and the link as well", async () => {
  await using watch = await Watch.open(["a.yaml"], async (dir) => {
    for (const version of ["1", "2"]) {
      await Deno.mkdir(join(dir, version));
      await inDir(dir, `${version}/a.yaml`, version);
    }
    await Deno.symlink("1", join(dir, "now"));
    await Deno.symlink("now/a.yaml", join(dir, "a.yaml"));
  });
  await watch.write("1/a.yaml", "11");
  await watch.changed("what the link leads to");
  // As Kubernetes changes a ConfigMap.
  await Deno.symlink("2", join(watch.dir, "new"));
  await watch.rename("new", "now");
  await watch.changed("the link");
});

Deno.test("of more files than can be watched that is told", async () => {
  const watch = await Watch.open(["**/*.py"], async (dir) => {
    for (let i = 0; i < 1_001; i++) await Deno.mkdir(join(dir, `${i}`));
  });
  assertEquals(watch.troubles.length, 1);
  watch.troubles.pop();
  await watch[Symbol.asyncDispose]();
});
