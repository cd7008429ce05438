/** The files that the chaos has the program read: right ones, and such as have to change nothing. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadConfig } from "../../src/config/file/mod.ts";
import { ConfigFileError, type LoadedConfig } from "../../src/config/mod.ts";
import { TROUPE } from "../../tasks/chaos/cast.ts";
import { ConfigFile, FLAWS, spoiled } from "../../tasks/chaos/config_file.ts";
import { KINDS } from "../../tasks/chaos/kinds.ts";

async function withFile(body: (file: ConfigFile) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await body(new ConfigFile({ home, enginePath: "/bin/true", seed: "1", kinds: KINDS }));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function load({ path }: ConfigFile): Promise<LoadedConfig> {
  return loadBytes(path, await Deno.readFile(path));
}

function loadBytes(path: string, bytes: Uint8Array): LoadedConfig {
  return loadConfig(bytes, { path, sources: { flags: {}, env: {}, cwd: "/" } });
}

function enginesOf({ requested: { engines } }: LoadedConfig) {
  return new Map(engines.map(({ name, settings }) => [name, settings]));
}

Deno.test("the chaos's file has all its engines, and says of each what its role does", async () => {
  await withFile(async (file) => {
    await file.write();
    const engines = enginesOf(await load(file));
    assertEquals([...engines.keys()], TROUPE.roles.map(({ name }) => name));
    assertEquals(engines.get("many")?.replicas, { min: 2, max: 3 });
    assertEquals(engines.get("left")?.exclusive, engines.get("right")?.exclusive);
    assert(engines.get("left")?.exclusive !== undefined);
    assertEquals(engines.get("well")?.environment?.set?.CHAOS_KINDS, "well");
  });
});

Deno.test("another revision changes the environment of one engine, and the guest comes and goes", async () => {
  await withFile(async (file) => {
    const read = async () => {
      await file.write();
      return enginesOf(await load(file));
    };
    const before = await read();
    file.changeEnvironment();
    const after = await read();
    const changed = [...after].filter(([name, settings]) =>
      JSON.stringify(settings) !== JSON.stringify(before.get(name))
    );
    assertEquals(changed.map(([name]) => name), ["renewed"]);
    assertEquals(after.get("renewed")?.environment?.set?.CHAOS_REVISION, file.revision);
    file.toggleGuest();
    assertEquals([before.has("guest"), (await read()).has("guest")], [true, false]);
    file.toggleGuest();
    assertEquals((await read()).has("guest"), true);
  });
});

for (const flaw of FLAWS) {
  Deno.test(`a file with ${flaw} has errors, or is not there`, async () => {
    await withFile(async (file) => {
      await file.write();
      await file.spoil(flaw);
      const bytes = await Deno.readFile(file.path).catch(() => null);
      assertEquals(bytes === null, flaw === "no file");
      // That the program is there is looked for elsewhere.
      if (bytes === null || flaw === "a program that is not there") return;
      assertThrows(() => loadBytes(file.path, bytes), ConfigFileError);
    });
  });
}

Deno.test("a program that is not there is all that is wrong with that file", async () => {
  await withFile(async (file) => {
    await file.write();
    const text = await Deno.readTextFile(file.path);
    const bytes = new TextEncoder().encode(spoiled(text, "a program that is not there"));
    const more = loadBytes(file.path, bytes).requested.engines.at(-1)?.program;
    assertEquals(more?.kind === "command" && more.command, ["/not/there"]);
  });
});
