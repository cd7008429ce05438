import { assertEquals, assertThrows } from "@std/assert";
import { findConfigPlace, type PlaceSources } from "../../src/config/mod.ts";
import { ConfigError } from "../../src/core/mod.ts";

function find(sources: Partial<PlaceSources>) {
  return findConfigPlace({ config: [], env: {}, cwd: "/home/ada/work", isRoot: false, ...sources });
}

Deno.test("the flag beats the variable, and both beat the default places", () => {
  const env = { AI_ENGINE_CONFIG: "b.yaml", XDG_CONFIG_HOME: "/x", HOME: "/h" };
  assertEquals(find({ config: ["c.yaml", "a.yaml"], env }), {
    path: "/home/ada/work/a.yaml",
    setting: "--config",
  });
  assertEquals(find({ env }), { path: "/home/ada/work/b.yaml", setting: "AI_ENGINE_CONFIG" });
});

Deno.test("by default it is in the XDG place, in ~/.config, and for root without a home in /etc", () => {
  const cases: readonly [Partial<PlaceSources>, string | null][] = [
    [{ env: { XDG_CONFIG_HOME: "/x", HOME: "/h" } }, "/x/ai-engine/config.yaml"],
    [{ env: { XDG_CONFIG_HOME: "x", HOME: "/h" } }, "/h/.config/ai-engine/config.yaml"],
    [
      { env: { AI_ENGINE_CONFIG: "", HOME: "/root" }, isRoot: true },
      "/root/.config/ai-engine/config.yaml",
    ],
    [{ isRoot: true }, "/etc/ai-engine/config.yaml"],
    [{}, null],
  ];
  for (const [sources, path] of cases) {
    assertEquals(find(sources), path === null ? null : { path, setting: null });
  }
});

Deno.test("what is no path is an error that names the flag or the variable", () => {
  assertThrows(() => find({ config: [""] }), ConfigError, "--config is not a path");
  assertThrows(() => find({ env: { AI_ENGINE_CONFIG: "a\0" } }), ConfigError, "AI_ENGINE_CONFIG");
});
