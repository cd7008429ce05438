import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { SpawnError } from "../../../src/core/mod.ts";
import { CannotRun, UnpackedEngine } from "../../../src/platform/packed/unpacked_engine.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { type TinyEngine, unpackingOf, writeTinyEngine } from "../support/tiny_engine.ts";

const modeOf = async (path: string) => ((await Deno.lstat(path)).mode ?? 0) & 0o7777;
const namesIn = (dir: string) => Array.from(Deno.readDirSync(dir), ({ name }) => name).sort();

/** Unpacks and lets go again; gives the kinds of what was told, the bytes in between left out. */
async function unpack(engine: TinyEngine, place: string): Promise<string[]> {
  const { options, steps } = unpackingOf(engine, [place]);
  using _ = await UnpackedEngine.open(options);
  return [...new Set(steps.map(({ kind }) => kind))];
}

async function assertWhole({ files, packed }: TinyEngine, place: string): Promise<void> {
  for (const [path, content] of files) {
    const file = join(place, packed.sha256, path);
    assertEquals(await Deno.readTextFile(file) === content, true, path);
    assertEquals(await modeOf(file), packed.files.find((one) => one.path === path)?.mode, path);
  }
}

/** Until the system would write another time of change into `path` than stands there. */
async function untilLater(path: string): Promise<void> {
  const written = (await Deno.stat(path)).ctime?.getTime();
  const scratch = await Deno.makeTempFile();
  do await Deno.writeTextFile(scratch, "x"); while (
    (await Deno.stat(scratch)).ctime?.getTime() === written
  );
  await Deno.remove(scratch);
}

/** Unpacked once, then changed by `change`: what is told of the next start. */
async function afterChange(change: (dir: string) => Promise<void>): Promise<string[]> {
  let told: string[] = [];
  await withTempDir(async (dir) => {
    const place = join(dir, "place");
    const engine = await writeTinyEngine(dir);
    await unpack(engine, place);
    await change(join(place, engine.packed.sha256));
    told = await unpack(engine, place);
    await assertWhole(engine, place);
    assertEquals(await unpack(engine, place), [], "the next start finds nothing to mend");
  });
  return told;
}

Deno.test("an engine is unpacked whole, for its user alone, and found there by the next start", async () => {
  await withTempDir(async (dir) => {
    const place = join(dir, "data", "engine");
    const engine = await writeTinyEngine(dir);
    const { sha256 } = engine.packed;
    assertEquals(await unpack(engine, place), ["unpacking", "unpacked"]);
    await assertWhole(engine, place);
    for (const path of [place, join(place, sha256), join(place, sha256, "_internal")]) {
      assertEquals(await modeOf(path), 0o700, path);
    }
    assertEquals(await unpack(engine, place), []);
    assertEquals(namesIn(place), [sha256, `${sha256}.lock`, "lock"].sort());
  });
});

Deno.test("how much is unpacked is told up to the last byte", async () => {
  await withTempDir(async (dir) => {
    const engine = await writeTinyEngine(dir);
    const { options, steps } = unpackingOf(engine, [join(dir, "place")]);
    using _ = await UnpackedEngine.open(options);
    const all = engine.packed.files.reduce((sum, { size }) => sum + size, 0);
    const told = steps.flatMap((step) => step.kind === "unpacking" ? [step.bytes] : []);
    assertEquals([told[0], told.at(-1)], [0, all]);
  });
});

Deno.test("a changed byte is found though size, mode and time of change are as before, and mended", async () => {
  const told = await afterChange(async (dir) => {
    const path = join(dir, "_internal/model/weights");
    const { mtime } = await Deno.stat(path);
    await untilLater(path);
    using file = await Deno.open(path, { write: true });
    await file.write(new TextEncoder().encode("X"));
    await file.utime(mtime ?? 0, mtime ?? 0);
  });
  assertEquals(told, ["mended"]);
});

Deno.test("a file that is missing, of another mode, a link or a folder is written anew", async () => {
  const changes: readonly ((path: string) => Promise<void>)[] = [
    (path) => Deno.remove(path),
    (path) => Deno.chmod(path, 0o777),
    async (path) => {
      await Deno.rename(path, `${path}.moved`);
      await Deno.symlink(`${path}.moved`, path);
    },
    async (path) => {
      await Deno.remove(path);
      await Deno.mkdir(join(path, "in"), { recursive: true });
    },
  ];
  for (const change of changes) {
    assertEquals(await afterChange((dir) => change(join(dir, "engine"))), ["mended"]);
  }
});

Deno.test("files that only look otherwise stay, and so they do without a manifest", async () => {
  const touched = await afterChange((dir) => Deno.utime(join(dir, "engine"), 1, 1));
  assertEquals(touched, []);
  assertEquals(await afterChange((dir) => Deno.remove(join(dir, "manifest.json"))), []);
  const torn = await afterChange((dir) => Deno.writeTextFile(join(dir, "manifest.json"), '{"eng'));
  assertEquals(torn, []);
});

Deno.test("ensureWhole() mends what changed while the program ran", async () => {
  await withTempDir(async (dir) => {
    const engine = await writeTinyEngine(dir);
    const { options, steps } = unpackingOf(engine, [join(dir, "place")]);
    using unpacked = await UnpackedEngine.open(options);
    await Deno.writeTextFile(unpacked.program, "#!/bin/false\n");
    await unpacked.ensureWhole();
    await assertWhole(engine, join(dir, "place"));
    const last = steps.at(-1);
    assertEquals(last?.kind === "mended" ? last.files : last, ["engine"]);
  });
});

Deno.test("several at once unpack it once", async () => {
  await withTempDir(async (dir) => {
    const place = join(dir, "place");
    const engine = await writeTinyEngine(dir);
    const told = await Promise.all([1, 2, 3].map(() => unpack(engine, place)));
    assertEquals(told.flat().filter((kind) => kind === "unpacked").length, 1);
    await assertWhole(engine, place);
  });
});

Deno.test("an old version goes when nobody holds it, and not before", async () => {
  await withTempDir(async (dir) => {
    const place = join(dir, "place");
    const [first, second] = [await writeTinyEngine(dir), await writeTinyEngine(dir, "second")];
    {
      using _ = await UnpackedEngine.open(unpackingOf(first, [place]).options);
      await unpack(second, place);
      await assertWhole(first, place);
    }
    await unpack(second, place);
    assertEquals(namesIn(place).filter((name) => name.startsWith(first.packed.sha256)), []);
    await assertWhole(second, place);
  });
});

Deno.test("a place that can't be used is passed over; when none can, all are named", async () => {
  await withTempDir(async (dir) => {
    const engine = await writeTinyEngine(dir);
    const file = join(dir, "file");
    await Deno.writeTextFile(file, "");
    const linked = join(dir, "linked");
    await Deno.symlink(dir, linked);
    const places = [join(file, "place"), linked];
    const last = join(dir, "place");
    using unpacked = await UnpackedEngine.open(
      unpackingOf(engine, [...places, last]).options,
    );
    assertEquals(unpacked.program, join(last, engine.packed.sha256, "engine"));
    const { options } = unpackingOf(engine, places);
    const error = await assertRejects(() => UnpackedEngine.open(options), SpawnError);
    for (const place of places) assertStringIncludes(error.message, place);
    assertMatch(error.remedy, /XDG_DATA_HOME/);
  });
});

Deno.test("an engine that the machine can't run is not tried elsewhere, and nothing of it stays", async () => {
  const notHere = () => Promise.reject(new CannotRun("it needs another machine"));
  for (const more of [{ checkMachine: notHere }, { prove: notHere }]) {
    await withTempDir(async (dir) => {
      const engine = await writeTinyEngine(dir);
      const places = [join(dir, "one"), join(dir, "two")];
      const { options } = unpackingOf(engine, places, more);
      const error = await assertRejects(() => UnpackedEngine.open(options), SpawnError);
      assertStringIncludes(error.message, "it needs another machine");
      assertEquals(namesIn(join(dir, "one")), ["lock"]);
      assertEquals(namesIn(dir).includes("two"), false);
    });
  }
});

Deno.test("an executable that holds something else is told, and nothing of it stays", async () => {
  await withTempDir(async (dir) => {
    const engine = await writeTinyEngine(dir);
    const { size } = await Deno.stat(engine.source);
    for (const text of ["x".repeat(size), "short"]) {
      await Deno.writeTextFile(engine.source, text);
      const { options } = unpackingOf(engine, [join(dir, "place")]);
      const error = await assertRejects(() => UnpackedEngine.open(options), SpawnError);
      assertStringIncludes(error.message, "does not hold");
      assertEquals(namesIn(join(dir, "place")), ["lock"]);
    }
  });
});
