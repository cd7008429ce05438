/** A real folder that comes, goes and changes. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { FolderWatch } from "../../src/app/folder_watch.ts";
import { SystemClock } from "../../src/platform/mod.ts";
import { eventually } from "../support/program.ts";

interface World {
  /** Of the watched folder, two levels below one that is there. */
  readonly path: string;
  /** Waits until it was told that something has changed; what follows is another change. */
  told(what: string): Promise<void>;
  readonly count: number;
}

function watchTest(name: string, body: (world: World) => Promise<void>): void {
  Deno.test(name, async () => {
    const dir = await Deno.makeTempDir({ prefix: "aie-" });
    const clock = new SystemClock();
    const path = join(dir, "data", "models");
    let count = 0;
    let seen = 0;
    const watch = new FolderWatch({
      path,
      clock,
      onChange: () => count++,
      onTrouble: () => count = NaN,
    });
    await watch.arm();
    const world: World = {
      path,
      async told(what) {
        await eventually(what, () => Promise.resolve(count > seen));
        seen = count;
      },
      get count() {
        return count;
      },
    };
    try {
      await body(world);
    } finally {
      watch.close();
      clock.close();
      await Deno.remove(dir, { recursive: true });
    }
  });
}

const write = (path: string, name: string) => Deno.writeTextFile(join(path, name), "x");

watchTest("a folder that is made with all above it, and its files, are told of", async (world) => {
  await Deno.mkdir(world.path, { recursive: true });
  await world.told("the folder");
  await write(world.path, "one");
  await world.told("one");
  await Deno.rename(join(world.path, "one"), join(world.path, "two"));
  await world.told("two");
  await Deno.remove(join(world.path, "two"));
  await world.told("the end of two");
});

watchTest("a folder that is replaced by another of its name is watched on", async (world) => {
  await Deno.mkdir(world.path, { recursive: true });
  await world.told("the folder");
  for (let i = 0; i < 3; i++) {
    await Deno.remove(world.path, { recursive: true });
    await Deno.mkdir(world.path);
    await world.told("another folder");
    await write(world.path, "one");
    await world.told("one in it");
  }
  await Deno.remove(join(world.path, ".."), { recursive: true });
  await world.told("the end of what it is in");
  await Deno.mkdir(world.path, { recursive: true });
  await world.told("the folder again");
  await write(world.path, "one");
  await world.told("one again");
});

watchTest("what is written into a file is not told, nor what happens beside", async (world) => {
  await Deno.mkdir(world.path, { recursive: true });
  await world.told("the folder");
  const file = await Deno.open(join(world.path, "large"), { create: true, write: true });
  await world.told("a file");
  const { count } = world;
  for (let i = 0; i < 100; i++) await file.write(new Uint8Array(1_000));
  file.close();
  await write(join(world.path, ".."), "beside");
  await write(world.path, "next");
  await world.told("what comes after");
  assertEquals(world.count, count + 1);
});
