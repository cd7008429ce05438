/** Folders into which a FIFO comes: in a process of its own, since what goes wrong holds up all of it. */
import { assertEquals } from "@std/assert";
import { withTempDir } from "./support/temp_dir.ts";

const WATCHER = new URL("../../src/platform/folder_watcher.ts", import.meta.url).href;

/** Makes a FIFO in a watched folder, waits until Deno's thread waits for it, and goes on as `then` says. */
function script(dir: string, then: string): string {
  return `
    import { FolderWatcher } from "${WATCHER}";
    const names = [];
    let wake = () => {};
    const watcher = new FolderWatcher(["${dir}"], ({ paths }) => {
      names.push(...paths.map((path) => path.split("/").pop()));
      wake();
    });
    await new Deno.Command("mkfifo", { args: ["${dir}/pipe"] }).output();
    const isHeldUp = () => [...Deno.readDirSync("/proc/self/task")].some(({ name }) =>
      Deno.readTextFileSync("/proc/self/task/" + name + "/wchan") === "wait_for_partner");
    while (!isHeldUp() && !names.includes("pipe")) await new Promise((done) => setTimeout(done, 10));
    ${then}
    console.log("done");
    Deno.exit(0);`;
}

async function run(dir: string, then: string): Promise<string> {
  await Deno.mkdir(`${dir}/watched`);
  await Deno.mkdir(`${dir}/other`);
  await Deno.writeTextFile(`${dir}/script.ts`, script(`${dir}/watched`, then));
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-config", "-A", `${dir}/script.ts`],
    signal: AbortSignal.timeout(30_000),
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

const CASES: Readonly<Record<string, (dir: string) => string>> = {
  "a watcher is closed though a FIFO came into its folder": () =>
    "watcher.close(); await watcher.ended;",
  "another folder is watched though a FIFO came into the first, which tells what came then": (
    dir,
  ) =>
    `const other = new FolderWatcher(["${dir}/other"], () => {});
     while (!names.includes("pipe")) await new Promise((done) => wake = done);
     other.close(); await other.ended;
     watcher.close(); await watcher.ended;`,
  "a watcher is left alone where the FIFO is gone, and no other is made": (dir) =>
    `if (isHeldUp()) {
       Deno.removeSync("${dir}/watched/pipe");
       let why = "";
       try { new FolderWatcher(["${dir}/other"], () => {}); } catch (error) { why = error.message; }
       if (why !== "a FIFO that is gone holds up what watches") console.log("watched: " + why);
     }
     watcher.close(); await watcher.ended;`,
};

for (const [name, then] of Object.entries(CASES)) {
  Deno.test({
    name,
    ignore: Deno.build.os !== "linux",
    fn: () => withTempDir(async (dir) => assertEquals(await run(dir, then(dir)), "done\n")),
  });
}
