/**
 * `deno task build:engine`: packs the Python engine with all it needs into `dist/engine/`, and prints
 * the oldest glibc it runs with. `--twice` packs it from two folders and compares every byte.
 */
import { parseArgs } from "@std/cli";
import { join, relative } from "@std/path";
import { runCommand } from "./support/command.ts";
import { describeGlibc, glibcFloor, listFiles } from "./support/packed_files.ts";
import { inRoot, ROOT } from "./support/root.ts";
import { makeSidecar } from "./support/sidecar.ts";

async function main(isTwice: boolean): Promise<number> {
  const sidecar = await makeSidecar();
  if (sidecar.kind === "missing") return fail(sidecar.why);
  const files = await listFiles(sidecar.path);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const glibc = await glibcFloor(sidecar.path, files);
  console.log(
    `${relative(ROOT, sidecar.path)}: ${files.length} files, ${(bytes / 1e6).toFixed(0)} MB, ` +
      describeGlibc(glibc),
  );
  return isTwice ? await packAgain(files) : 0;
}

/** From another folder, of another name. */
async function packAgain(first: Awaited<ReturnType<typeof listFiles>>): Promise<number> {
  const copy = await Deno.makeTempDir({ prefix: "engine-again-" });
  try {
    const source = join(copy, "sources");
    const copied = await runCommand(["cp", "-r", inRoot("engine", "python"), source]);
    if (copied.code !== 0) return fail(copied.output);
    const again = await makeSidecar({ source, output: join(copy, "dist") });
    if (again.kind === "missing") return fail(again.why);
    const second = new Map((await listFiles(again.path)).map((file) => [file.path, file]));
    const other = first.filter(({ path, sha256 }) => second.get(path)?.sha256 !== sha256);
    if (other.length > 0 || second.size !== first.length) {
      return fail(`packed twice, these differ: ${other.map(({ path }) => path).join(", ")}`);
    }
    console.log("packed twice, from two folders: the same bytes");
    return 0;
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

function fail(why: string): number {
  console.error(`build:engine: ${why}`);
  return 1;
}

const flags = parseArgs(Deno.args, { boolean: ["twice"] });
Deno.exit(await main(flags.twice === true));
