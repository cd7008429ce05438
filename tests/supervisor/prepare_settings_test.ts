import { assertEquals, assertRejects } from "@std/assert";
import { ENGINE_DEFAULTS, type EngineSettings } from "../../src/config/mod.ts";
import { SpawnError } from "../../src/core/mod.ts";
import { prepareSettings } from "../../src/supervisor/prepare_settings.ts";

const SETTINGS: EngineSettings = {
  ...ENGINE_DEFAULTS,
  name: "python",
  kind: "python",
  command: ["packed:engine"],
};

Deno.test("prepareSettings() gives what it is started with, or the reason why not", async () => {
  const { signal } = new AbortController();
  assertEquals(await prepareSettings(SETTINGS, { prepare: undefined, signal }), SETTINGS);
  const prepared = { ...SETTINGS, command: ["/data/engine"] } as const;
  const prepare = () => Promise.resolve(prepared);
  assertEquals(await prepareSettings(SETTINGS, { prepare, signal }), prepared);
  const fail = () => Promise.reject(new SpawnError({ detail: "no room", remedy: "make some" }));
  await assertRejects(() => prepareSettings(SETTINGS, { prepare: fail, signal }), SpawnError);
});

Deno.test("prepareSettings() does not wait any more for who is told to end", async () => {
  const over = new AbortController();
  let calls = 0;
  const prepare = () => {
    calls++;
    return new Promise<EngineSettings>(() => {});
  };
  const waiting = prepareSettings(SETTINGS, { prepare, signal: over.signal });
  over.abort();
  assertEquals(await waiting, null);
  assertEquals(await prepareSettings(SETTINGS, { prepare, signal: over.signal }), null);
  assertEquals(calls, 1);
});
